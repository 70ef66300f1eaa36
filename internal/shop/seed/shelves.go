package seed

import catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"

// room is a top-level category; its shelves are the categories below it.
type room struct {
	slug, name, description string
	shelves                 []shelf
}

// shelf is a category that holds products: each noun in each finish.
type shelf struct {
	slug, name, description string
	sku                     string // three capitals
	motif                   motif
	tags                    []string
	warrantyYears           int
	storage                 *catalogv1.ProductDetails_Storage
	shipping                catalogv1.ShippingClass
	attributes              map[string]any
	nouns                   [5]noun
	finishes                [3]finish
}

// noun is a kind of thing: what it is for, what it costs in cents, and how large and heavy it is.
type noun struct {
	name, purpose string
	cents         int64
	width, height float32 // cm
	depth, weight float32 // cm, kg
}

// finish is what a thing is made of, or how: the word in its name, the phrase in its summary, a sentence of its own for
// the description, what it does to the price, and the colour it is drawn in.
type finish struct {
	word, phrase, remark string
	factor               float64
	colour               string
	rgb                  uint32
}

// Categories returns the tree of shelves, with the number of products on each. The caller owns it.
func Categories() []*catalogv1.Category {
	var tree []*catalogv1.Category
	for _, r := range rooms() {
		top := &catalogv1.Category{
			Name:        "categories/" + r.slug,
			DisplayName: r.name,
			Description: r.description,
		}
		for _, s := range r.shelves {
			count := uint32(len(s.nouns) * len(s.finishes))
			top.ProductCount += count
			top.Children = append(top.Children, &catalogv1.Category{
				Name:         top.GetName() + "/" + s.slug,
				DisplayName:  s.name,
				Description:  s.description,
				ProductCount: count,
			})
		}
		tree = append(tree, top)
	}
	return tree
}

func rooms() []room {
	return []room{kitchen(), living(), garden(), outdoors(), study(), bath(), play(), pantry()}
}
