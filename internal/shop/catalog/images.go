package catalog

import (
	"context"
	"fmt"
	"mime"
	"slices"

	"google.golang.org/genproto/googleapis/api/httpbody"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

var pictureTypes = []string{"image/png", "image/jpeg", "image/webp", "image/svg+xml"}

// UploadProductImage adds a picture to a product.
func (s *Server) UploadProductImage(_ context.Context, req *catalogv1.UploadProductImageRequest) (*catalogv1.Image, error) {
	body := req.GetContent()
	if err := acceptable(body); err != nil {
		return nil, err
	}
	var image *catalogv1.Image
	_, err := s.change(req.GetProductId(), "", func(p *catalogv1.Product, pictures map[string]picture) error {
		if len(pictures) >= MaxImagesPerProduct {
			return problem.Full("products/"+p.GetId()+"/images", fmt.Sprintf("a product has %d pictures at most", MaxImagesPerProduct))
		}
		if s.imageBytes+len(body.GetData()) > MaxImageBytesInAll {
			return problem.Full("images", fmt.Sprintf("the catalogue holds %d bytes of pictures at most", MaxImageBytesInAll))
		}
		image = seed.NewImage(fmt.Sprintf("i%d", s.revision), body.GetContentType(), req.GetAlt(), body.GetData())
		if p.Details == nil {
			p.Details = &catalogv1.ProductDetails{}
		}
		p.Details.Images = append(p.Details.Images, image)
		pictures[image.GetId()] = picture{body.GetContentType(), body.GetData()}
		s.imageBytes += len(body.GetData())
		return nil
	})
	return image, err
}

// DownloadProductImage returns the bytes of a picture.
func (s *Server) DownloadProductImage(_ context.Context, req *catalogv1.DownloadProductImageRequest) (*httpbody.HttpBody, error) {
	e, err := s.lookup(req.GetProductId())
	if err != nil {
		return nil, err
	}
	picture, ok := e.pictures[req.GetImageId()]
	if !ok {
		return nil, problem.NotFound("shop.catalog.v1.Image", req.GetProductId()+"/"+req.GetImageId())
	}
	return &httpbody.HttpBody{ContentType: picture.contentType, Data: picture.content}, nil
}

func acceptable(body *httpbody.HttpBody) error {
	media, _, err := mime.ParseMediaType(body.GetContentType())
	switch {
	case err != nil || !slices.Contains(pictureTypes, media):
		return problem.InvalidArgument(problem.Violation{
			Field:       "content.content_type",
			Description: fmt.Sprintf("%q is not the type of a picture: send one of %v", body.GetContentType(), pictureTypes),
		})
	case len(body.GetData()) == 0:
		return problem.InvalidArgument(problem.Violation{Field: "content.data", Description: "the picture is empty"})
	case len(body.GetData()) > MaxImageBytes:
		return problem.InvalidArgument(problem.Violation{
			Field:       "content.data",
			Description: fmt.Sprintf("the picture has %d bytes; %d are the most", len(body.GetData()), MaxImageBytes),
		})
	}
	return nil
}
