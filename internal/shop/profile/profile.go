// Package profile is the sample shop's ProfileService: the seeded customers, who may change what is theirs to change.
//
// Answers hold the internal fields too: hiding them from an audience is the edge's work, and theirs is the proof of it.
package profile

import (
	"context"
	"strconv"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	profilev1 "github.com/gatehouse-edge/gatehouse/gen/shop/profile/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/fieldmask"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

const profileKind = "shop.profile.v1.Profile"

// Server is a ProfileService. All methods may be called concurrently. Stored profiles are replaced, never changed.
type Server struct {
	profilev1.UnimplementedProfileServiceServer

	mu       sync.RWMutex
	byID     map[string]*profilev1.Profile
	revision uint64
}

// New returns a service with the seeded customers.
func New() (*Server, error) {
	all, err := seeded()
	if err != nil {
		return nil, err
	}
	s := &Server{byID: make(map[string]*profilev1.Profile, len(all))}
	for _, p := range all {
		p.Etag = s.nextEtag()
		s.byID[p.GetId()] = p
	}
	return s, nil
}

// GetProfile returns one customer.
func (s *Server) GetProfile(_ context.Context, req *profilev1.GetProfileRequest) (*profilev1.Profile, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if p := s.byID[req.GetId()]; p != nil {
		return p, nil
	}
	return nil, problem.NotFound(profileKind, req.GetId())
}

// UpdateProfile changes what the mask names, except what only the shop may change.
func (s *Server) UpdateProfile(_ context.Context, req *profilev1.UpdateProfileRequest) (*profilev1.Profile, error) {
	change := req.GetProfile()
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.byID[change.GetId()]
	if old == nil {
		return nil, problem.NotFound(profileKind, change.GetId())
	}
	if change.GetEtag() != "" && change.GetEtag() != old.GetEtag() {
		return nil, problem.Changed(profileKind, change.GetId(), old.GetEtag())
	}
	p := proto.CloneOf(old)
	if err := fieldmask.Apply(p, change, req.GetUpdateMask(), fixed); err != nil {
		return nil, err
	}
	if p.GetEmail() != old.GetEmail() {
		p.EmailVerified = false
	}
	p.Etag = s.nextEtag()
	s.byID[p.GetId()] = p
	return p, nil
}

// fixed says whether only the shop may change a field.
func fixed(fd protoreflect.FieldDescriptor) bool {
	if fd.ContainingMessage().FullName() != profileKind {
		return false
	}
	switch fd.Name() {
	case "id", "email_verified", "credit_minor", "credit_changes_minor", "points_by_month", "last_points_change",
		"create_time", "etag", "password_hash", "fraud_score", "debug_info":
		return true
	}
	return false
}

func (s *Server) nextEtag() string {
	s.revision++
	return "p" + strconv.FormatUint(s.revision, 36)
}
