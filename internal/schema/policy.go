package schema

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// policyOption is the number of gatehouse.v1.policy among a method's options, and of service_policy among a service's.
const policyOption = 51702

// policy reads what (gatehouse.v1.policy) says of a method, over what its service says of all of them.
func (c *compiler) policy(m *Method) *gatehousev1.Policy {
	sd := m.Service.Descriptor
	ofService, _, err := source.Option[*gatehousev1.Policy](sd.Options(), gatehousev1.E_ServicePolicy)
	if err != nil {
		c.problem(c.set.Position(sd, policyOption), "%s: %v", sd.FullName(), err)
	}
	ofMethod, _, err := source.Option[*gatehousev1.Policy](m.Descriptor.Options(), gatehousev1.E_Policy)
	if err != nil {
		c.problem(c.set.Position(m.Descriptor, policyOption), "%s: %v", m.FullName(), err)
	}
	return LayPolicies(ofService, ofMethod)
}

// LayPolicies lays policies over each other: of each field, what the last one says that says anything. None of them is
// changed; any may be nil.
func LayPolicies(layers ...*gatehousev1.Policy) *gatehousev1.Policy {
	laid := new(gatehousev1.Policy)
	into := laid.ProtoReflect()
	for _, layer := range layers {
		layer.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			into.Set(fd, v)
			return true
		})
	}
	return proto.CloneOf(laid)
}
