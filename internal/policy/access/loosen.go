package access

import (
	"slices"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
)

// Loosens tells whether one access lets somebody call who may not by another.
func Loosens(from, to *gatehousev1.Access) bool {
	if to.GetWho() == nil && len(to.GetFields()) == 0 {
		return false // it lets nobody through
	}
	return !within(to, from) || slices.ContainsFunc(from.GetFields(), func(f *gatehousev1.ClaimedField) bool {
		return !allHold(to, f.GetUnlessScope()) &&
			!slices.ContainsFunc(to.GetFields(), func(g *gatehousev1.ClaimedField) bool { return binds(g, f) })
	})
}

// allHold tells whether all whom an access lets through have a scope.
func allHold(a *gatehousev1.Access, scope string) bool {
	switch who := a.GetWho().(type) {
	case *gatehousev1.Access_AllScopes:
		return slices.Contains(who.AllScopes.GetScopes(), scope)
	case *gatehousev1.Access_AnyScope:
		return slices.Equal(who.AnyScope.GetScopes(), []string{scope})
	default:
		return false
	}
}

// within tells whether all whom one access lets through, fields aside, are let through by another. An access of fields
// alone is for those who are known; an empty one lets nobody through.
func within(inner, outer *gatehousev1.Access) bool {
	switch o := outer.GetWho().(type) {
	case *gatehousev1.Access_Public:
		return true
	case nil:
		if len(outer.GetFields()) > 0 {
			_, public := inner.GetWho().(*gatehousev1.Access_Public)
			return !public
		}
		return inner.GetWho() == nil && len(inner.GetFields()) == 0
	case *gatehousev1.Access_Authenticated:
		_, public := inner.GetWho().(*gatehousev1.Access_Public)
		return !public
	case *gatehousev1.Access_AnyScope:
		return hold(inner, func(scopes []string, either bool) bool {
			isOuter := func(s string) bool { return slices.Contains(o.AnyScope.GetScopes(), s) }
			if either {
				return !slices.ContainsFunc(scopes, func(s string) bool { return !isOuter(s) })
			}
			return slices.ContainsFunc(scopes, isOuter)
		})
	case *gatehousev1.Access_AllScopes:
		return hold(inner, func(scopes []string, either bool) bool {
			if either && len(scopes) > 1 {
				return false
			}
			return !slices.ContainsFunc(o.AllScopes.GetScopes(), func(s string) bool { return !slices.Contains(scopes, s) })
		})
	default:
		return false
	}
}

// hold asks about the scopes of an access. One without scopes lets nobody through, or more than those with any.
func hold(a *gatehousev1.Access, ask func(scopes []string, either bool) bool) bool {
	switch who := a.GetWho().(type) {
	case *gatehousev1.Access_AnyScope:
		return ask(who.AnyScope.GetScopes(), true)
	case *gatehousev1.Access_AllScopes:
		return ask(who.AllScopes.GetScopes(), false)
	case nil:
		return len(a.GetFields()) == 0
	default:
		return false
	}
}

// binds tells whether a binding refuses all that another refuses.
func binds(g, f *gatehousev1.ClaimedField) bool {
	return g.GetField() == f.GetField() && g.GetClaim() == f.GetClaim() &&
		(g.GetUnlessScope() == f.GetUnlessScope() || g.GetUnlessScope() == "")
}
