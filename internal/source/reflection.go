package source

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const missingFromServer = "the server neither knows it by this name nor has another file with the types that are used; " +
	"load an image of its protos instead"

// Reflection asks a running server for its services and their files: by grpc.reflection.v1, or by v1alpha if that is
// all it has. It offers the services the server lists, without gRPC's own reflection and health services.
//
// Servers in the field leave things out, and that is made good where it can be: an import that the server does not give
// is taken from the binary, or found by the types that the file uses, or left out if the file uses none of it. A
// service that is listed and not described is left out. What is left out is told by the set's Warnings.
//
// It takes 30 seconds, 64 MiB of answers, 5,000 files and 2,000 services at most. The connection stays open.
func Reflection(ctx context.Context, conn grpc.ClientConnInterface) (*Set, error) {
	ctx, cancel := context.WithTimeout(ctx, reflectionTime)
	defer cancel()
	server := serverName(conn)
	set, err := reflectAll(ctx, server, conn)
	var problem Problem
	switch {
	case err == nil:
		return set, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("reading descriptors from %s by reflection: %w", server, context.Cause(ctx))
	case errors.As(err, &problem):
		return nil, err
	default:
		return nil, fmt.Errorf("reading descriptors from %s by reflection: %w", server, err)
	}
}

// serverName calls a server by the target of the connection, if it has one.
func serverName(conn grpc.ClientConnInterface) string {
	if dialed, ok := conn.(*grpc.ClientConn); ok {
		return dialed.Target()
	}
	return "the server"
}

func reflectAll(ctx context.Context, server string, conn grpc.ClientConnInterface) (*Set, error) {
	stream, listed, err := openReflection(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer stream.close()
	c := newCollection(server, stream)
	offered, err := c.fetchServices(listed)
	if err != nil {
		return nil, err
	}
	if err := c.complete(); err != nil {
		return nil, err
	}
	set, err := c.link(func(string) bool { return false })
	if err != nil {
		return nil, err
	}
	for _, name := range offered {
		if _, err := set.Service(name); err != nil {
			c.warn(string(name), "the server lists this service, but its file does not declare it")
			continue
		}
		set.Services = append(set.Services, name)
	}
	set.Warnings = c.warnings
	if len(set.Services) == 0 {
		return nil, errors.Join(joinProblems(c.warnings), errors.New("it describes none of its services"))
	}
	return set, nil
}

// fetchServices asks for the files of the services that the server lists, each once, and gives those that it
// describes. gRPC's own are fetched as far as they are there, and not offered.
func (c *collection) fetchServices(listed []string) ([]protoreflect.FullName, error) {
	seen := make(map[string]bool)
	var own, offered []protoreflect.FullName
	for _, name := range listed {
		if seen[name] {
			continue
		}
		seen[name] = true
		if !protoreflect.FullName(name).IsValid() {
			return nil, fmt.Errorf("the server lists a service named %q, which is no name", name)
		}
		err := c.fetchSymbol(name)
		switch {
		case isInfrastructure(protoreflect.FullName(name)):
			continue // without its files if need be: nobody calls it through here
		case err != nil && !isRefused(err):
			return nil, err
		case err != nil:
			c.warn(name, "the server lists this service, but does not describe it: %v", err)
		default:
			offered = append(offered, protoreflect.FullName(name))
		}
		own = append(own, protoreflect.FullName(name))
	}
	if len(own) == 0 {
		return nil, errors.New("the server lists no services of its own")
	}
	return offered, nil
}
