package seed

import (
	"fmt"
	"strings"

	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
)

// Customer is somebody the shop knows from the start.
type Customer struct {
	ID, Name, Email string
	Address         *ordersv1.Address
}

// Customers returns the seeded customers, c-1001 and on. Given names are all they have, and their mail goes to a domain
// that is reserved for examples.
func Customers() []Customer {
	names := []string{
		"Mira", "Jonas", "Aiko", "Tomasz", "Leila", "Henrik", "Zofia", "Kwame", "Ines", "Rafael", "Sunniva", "Dario",
	}
	streets := []string{"Lindenweg", "Mill Lane", "Harbour Street", "Orchard Row"}
	towns := []struct{ code, city, country string }{
		{"10999", "Berlin", "DE"}, {"1017", "Amsterdam", "NL"}, {"8010", "Graz", "AT"}, {"2200", "Copenhagen", "DK"},
	}
	var all []Customer
	for i, name := range names {
		town := towns[i%len(towns)]
		all = append(all, Customer{
			ID:    fmt.Sprintf("c-%d", 1001+i),
			Name:  name,
			Email: strings.ToLower(name) + "@example.com",
			Address: &ordersv1.Address{
				Recipient:   name,
				Lines:       []string{fmt.Sprintf("%s %d", streets[i%len(streets)], 3+i*4)},
				PostalCode:  town.code,
				City:        town.city,
				CountryCode: town.country,
			},
		})
	}
	return all
}
