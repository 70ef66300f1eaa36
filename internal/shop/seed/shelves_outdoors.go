package seed

import catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"

func garden() room {
	return room{"garden", "Garden", "For balconies and for orchards.", []shelf{
		{
			slug: "hand-tools", name: "Hand tools", description: "Forged, balanced and worth sharpening.",
			sku: "GTL", motif: toolMotif, tags: []string{"digging", "forged"}, warrantyYears: 20,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"forged": true, "handle_replaceable": true},
			nouns: [5]noun{
				{"Trowel", "for planting out and potting on", 2400, 9, 32, 5, 0.34},
				{"Hand Fork", "for loosening without tearing roots", 2600, 10, 30, 6, 0.36},
				{"Secateurs", "for clean cuts up to a thumb's width", 4900, 6, 21, 2.5, 0.25},
				{"Weeding Knife", "for the gaps between stones", 2200, 5, 33, 3, 0.28},
				{"Border Spade", "narrow enough to work among perennials", 6400, 15, 98, 12, 1.7},
			},
			finishes: [3]finish{
				{"Carbon Steel", "carbon steel with an ash handle", "Carbon steel takes an edge from a river stone.", 1.0, "forge grey", 0x555B60},
				{"Stainless", "stainless steel with a beech handle", "Wet clay slides off it, and rust never starts.", 1.2, "steel", 0x9AA4A9},
				{"Bronze", "cast bronze with a beech handle", "Bronze is kind to the soil and sharpens itself as it works.", 1.9, "bronze", 0x9A7440},
			},
		},
		{
			slug: "planters", name: "Planters", description: "Frost-proof homes for roots.",
			sku: "PLA", motif: planterMotif, tags: []string{"plants", "frost-proof"}, warrantyYears: 5,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_BULKY,
			attributes: map[string]any{"drainage_holes": 3.0, "litres": 18.0, "frost_proof": true},
			nouns: [5]noun{
				{"Window Box", "for herbs within reach of the stove", 3900, 80, 18, 20, 3.2},
				{"Round Planter", "for a lemon tree, or something as proud", 5900, 38, 36, 38, 6.1},
				{"Tall Planter", "for grasses that move beside a door", 8900, 32, 70, 32, 9.4},
				{"Hanging Pot", "for whatever trails", 2900, 24, 20, 24, 1.4},
				{"Seedling Tray", "for forty beginnings on a windowsill", 2400, 54, 6, 28, 1.1},
			},
			finishes: [3]finish{
				{"Clay", "hand-thrown clay", "Unglazed clay breathes, and forgives too much water.", 1.0, "clay", 0xB4714F},
				{"Zinc", "hot-dipped zinc", "It starts bright and goes the grey of old roofs.", 1.15, "zinc", 0x8C989C},
				{"Larch", "untreated larch", "Larch needs no oil; it silvers within a year.", 0.9, "larch", 0xA97F55},
			},
		},
		{
			slug: "birds", name: "Birds", description: "Board and lodging for small guests.",
			sku: "BRD", motif: birdhouseMotif, tags: []string{"wildlife", "garden"}, warrantyYears: 3,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"entrance_mm": 32.0, "guests": []any{"tit", "sparrow", "nuthatch"}},
			nouns: [5]noun{
				{"Nest Box", "with a door at the side for autumn cleaning", 3400, 18, 30, 20, 1.8},
				{"Bird Feeder", "that keeps seed dry and squirrels puzzled", 2900, 20, 26, 20, 0.9},
				{"Bird Bath", "shallow at the rim and deeper in the middle", 5400, 36, 12, 36, 3.6},
				{"Insect Hotel", "for lodgers that birds would rather not meet", 3900, 28, 38, 12, 2.2},
				{"Bat Box", "with the narrow gap that bats insist on", 3600, 24, 42, 9, 2.4},
			},
			finishes: [3]finish{
				{"Cedarwood", "rough-sawn cedar", "It is left rough inside so that fledglings can climb.", 1.0, "cedar", 0x9D6B4A},
				{"Wood Concrete", "wood concrete", "It keeps even warmth through a frosty night.", 1.2, "stone", 0x8F8A80},
				{"Lime-Washed", "lime-washed spruce", "The wash is plain slaked lime and harms nobody.", 0.95, "lime white", 0xD8D4C6},
			},
		},
	}}
}

func outdoors() room {
	return room{"outdoors", "Outdoors", "For a day out, or a month.", []shelf{
		{
			slug: "packs", name: "Packs", description: "Bags that carry well and last.",
			sku: "PCK", motif: packMotif, tags: []string{"travel", "water-resistant"}, warrantyYears: 10,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"litres": 22.0, "laptop_inches": 15.6, "repairable": true},
			nouns: [5]noun{
				{"Day Pack", "for a loaf, a jacket and a book", 8900, 30, 46, 16, 0.85},
				{"Duffel", "for a long weekend with two pairs of boots", 11900, 58, 30, 30, 1.2},
				{"Messenger Bag", "that stays put on a bicycle", 7900, 40, 30, 12, 0.8},
				{"Hip Pouch", "for keys, a map and a plaster", 3400, 24, 14, 8, 0.22},
				{"Trek Pack", "with a frame that hands the weight to the hips", 18900, 34, 72, 28, 1.9},
			},
			finishes: [3]finish{
				{"Waxed Canvas", "waxed cotton canvas", "Rain beads on it, and a warm iron renews the wax.", 1.15, "moss", 0x6B6F4A},
				{"Recycled Nylon", "recycled ripstop nylon", "The yarn was fishing net once, and is just as stubborn.", 1.0, "slate", 0x4F6373},
				{"Felt", "dense wool felt", "Felt needs no lining and hides every scuff.", 0.9, "charcoal", 0x54545A},
			},
		},
		{
			slug: "camp", name: "Camp", description: "Sleep dry, eat warm.",
			sku: "CMP", motif: tentMotif, tags: []string{"camping", "lightweight"}, warrantyYears: 5,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"seasons": 3.0, "packed_litres": 9.0, "persons": 2.0},
			nouns: [5]noun{
				{"Tent", "that two people can raise in the rain without a quarrel", 32900, 220, 110, 140, 2.4},
				{"Sleeping Bag", "for nights down to the first frost", 15900, 210, 8, 80, 1.1},
				{"Camp Stove", "that boils half a litre while you find the cups", 6900, 12, 10, 12, 0.34},
				{"Hammock", "for two trees and an afternoon", 5900, 290, 0.5, 150, 0.6},
				{"Lantern", "that runs for three evenings on one charge", 4400, 10, 19, 10, 0.42},
			},
			finishes: [3]finish{
				{"Spruce Green", "spruce green", "The colour disappears at twenty paces.", 1.0, "spruce", 0x40604E},
				{"Signal Orange", "signal orange", "The colour is found again in fog, and by friends.", 1.0, "signal orange", 0xD86A2B},
				{"Ultralight", "the lightest build", "Every gram that could go has gone, and the price of that is the price.", 1.55, "dusk blue", 0x5B7393},
			},
		},
		{
			slug: "bottles", name: "Bottles", description: "Hot stays hot, cold stays cold.",
			sku: "BOT", motif: bottleMotif, tags: []string{"insulated", "leak-proof"}, warrantyYears: 5,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"hours_hot": 12.0, "hours_cold": 24.0, "millilitres": 750.0},
			nouns: [5]noun{
				{"Water Bottle", "that fits every cage and every hand", 2900, 7.5, 26, 7.5, 0.36},
				{"Flask", "for tea at the summit", 3400, 8, 28, 8, 0.46},
				{"Travel Mug", "that locks with one thumb", 2700, 8, 18, 8, 0.31},
				{"Lunch Jar", "for soup that is still soup at noon", 3600, 10, 15, 10, 0.44},
				{"Growler", "for two litres of anything worth sharing", 5400, 13, 30, 13, 0.9},
			},
			finishes: [3]finish{
				{"Brushed", "brushed steel", "Nothing to chip and nothing to peel.", 1.0, "steel", 0xA7B0B3},
				{"Midnight", "steel in a midnight powder coat", "The coat is baked on, and grips when wet.", 1.1, "midnight", 0x26324A},
				{"Coral", "steel in a coral powder coat", "Nobody picks up the wrong one.", 1.1, "coral", 0xD97862},
			},
		},
	}}
}
