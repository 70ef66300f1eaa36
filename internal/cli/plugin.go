package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gatehouse-edge/gatehouse/server"
)

// Plugin answers one request of a protobuf compiler, as a plugin does: it reads a CodeGeneratorRequest and writes the
// response, which holds one OpenAPI document of all files to generate. What is wrong with them stands in the response. The
// error is of reading and writing alone.
func Plugin(ctx context.Context, in io.Reader, out io.Writer) error {
	wire, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	request := new(pluginpb.CodeGeneratorRequest)
	if err := proto.Unmarshal(wire, request); err != nil {
		return fmt.Errorf("standard input is no request of a protobuf compiler: %w", err)
	}
	response := &pluginpb.CodeGeneratorResponse{
		SupportedFeatures: proto.Uint64(uint64(pluginpb.CodeGeneratorResponse_FEATURE_PROTO3_OPTIONAL |
			pluginpb.CodeGeneratorResponse_FEATURE_SUPPORTS_EDITIONS)),
		MinimumEdition: proto.Int32(int32(descriptorpb.Edition_EDITION_PROTO2)),
		MaximumEdition: proto.Int32(int32(descriptorpb.Edition_EDITION_2023)),
	}
	if file, err := generate(ctx, request); err != nil {
		response.Error = proto.String(strings.Join(problemsOf(err), "\n"))
	} else {
		response.File = append(response.File, file)
	}
	if wire, err = proto.Marshal(response); err != nil {
		return err
	}
	_, err = out.Write(wire)
	return err
}

func generate(ctx context.Context, request *pluginpb.CodeGeneratorRequest) (*pluginpb.CodeGeneratorResponse_File, error) {
	command, err := pluginOptions(request.GetParameter())
	if err != nil {
		return nil, err
	}
	cfg, err := command.config()
	if err != nil {
		return nil, err
	}
	cfg.Sources = nil // the files come with the request
	edge, err := server.New(ctx, cfg, server.WithVersion(version()), server.Offline(),
		server.WithDescriptors("the compiler's request", request.GetProtoFile(), request.GetFileToGenerate()...))
	if err != nil {
		return nil, err
	}
	text, err := edge.Document(server.DocumentOptions{Audience: command.Audience, Version: command.Spec, YAML: command.isYAML()})
	if err := errors.Join(err, edge.Close()); err != nil {
		return nil, err
	}
	return &pluginpb.CodeGeneratorResponse_File{Name: &command.Output, Content: proto.String(string(text))}, nil
}

// pluginOptions reads what the compiler passes on: audience=partner,file=partner.yaml. The names are those of the flags of
// `gatehouse openapi`, but for file, which is where the document goes.
func pluginOptions(parameter string) (*openapiCommand, error) {
	c := &openapiCommand{Audience: "public", Format: "auto", Spec: "3.1"}
	for option := range strings.SplitSeq(parameter, ",") {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "":
		case "audience":
			c.Audience = value
		case "file":
			c.Output = value
		case "spec":
			c.Spec = value
		case "title":
			c.Title = value
		case "api-version":
			c.APIVersion = value
		case "server":
			c.Server = append(c.Server, value)
		case "config":
			c.Config = value
		case "service-config":
			c.ServiceConfig = append(c.ServiceConfig, value)
		default:
			return nil, fmt.Errorf("there is no option %q; there are audience, file, spec, title, api-version, server, config and service-config", name)
		}
	}
	if c.Output == "" {
		c.Output = c.Audience + ".yaml"
	}
	return c, nil
}
