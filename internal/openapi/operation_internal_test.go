package openapi

import "testing"

func TestANameBecomesAPhrase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Get": "Get", "GetResource": "Get resource", "BatchGetItems": "Batch get items", "GetIAMPolicy": "Get IAM policy", "RBACEnable": "RBAC enable",
		"EnableRBAC": "Enable RBAC", "getThing": "get thing", "A": "A", "GetA": "Get a", "ListV2Things": "List v2 things", "Get_Thing": "Get thing",
	} {
		if got := inWords(name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
}
