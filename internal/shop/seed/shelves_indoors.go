package seed

import catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"

func kitchen() room {
	return room{"kitchen", "Kitchen", "Tools that earn their place on the worktop.", []shelf{
		{
			slug: "knives", name: "Knives", description: "Thin, hard and easy to keep sharp.",
			sku: "KNF", motif: knifeMotif, tags: []string{"cutting", "steel"}, warrantyYears: 10,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"hardness_hrc": 60.0, "dishwasher_safe": false, "bevel_degrees": []any{15.0, 15.0}},
			nouns: [5]noun{
				{"Chef's Knife", "for everything from herbs to pumpkins", 8900, 34, 5, 2.5, 0.29},
				{"Paring Knife", "for peeling, trimming and small fruit", 3900, 19, 3, 2, 0.11},
				{"Bread Knife", "for crusts that shatter and crumbs that do not", 6900, 36, 4, 2.5, 0.24},
				{"Santoku", "for rocking through vegetables without a drum roll", 8400, 31, 5, 2.5, 0.25},
				{"Filleting Knife", "for following a backbone without losing any fish", 6200, 30, 3.5, 2, 0.17},
			},
			finishes: [3]finish{
				{"Ash", "a handle of pale ash", "The handle is waxed, not varnished, and grows smoother with use.", 1.0, "ash", 0xC9AE84},
				{"Smoked Oak", "a handle of smoked oak", "The oak is darkened with ammonia vapour, all the way through.", 1.25, "smoked oak", 0x5A4636},
				{"Olive Wood", "a handle of olive wood", "No two handles share a grain, so the one you get is yours alone.", 1.4, "olive", 0x9C7A3C},
			},
		},
		{
			slug: "cookware", name: "Cookware", description: "Pots and pans for daily fire.",
			sku: "COO", motif: potMotif, tags: []string{"cooking", "stove"}, warrantyYears: 15,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"induction": true, "oven_safe_celsius": 250.0, "stoves": []any{"gas", "induction", "ceramic"}},
			nouns: [5]noun{
				{"Frying Pan", "for eggs that slide and steaks that do not", 5900, 45, 8, 26, 1.6},
				{"Saucepan", "for sauces, grains and a quick soup", 5400, 34, 12, 18, 1.2},
				{"Stock Pot", "for broth that simmers through an afternoon", 9800, 36, 26, 28, 2.9},
				{"Casserole", "for stews that go from stove to oven to table", 12900, 32, 18, 26, 4.2},
				{"Griddle", "for stripes on courgettes and bread", 6600, 38, 4, 26, 2.4},
			},
			finishes: [3]finish{
				{"Cast Iron", "seasoned cast iron", "It is seasoned three times with linseed oil before it leaves the foundry.", 1.0, "iron", 0x3B3F45},
				{"Copper", "copper lined with steel", "Copper carries the heat sideways, so nothing burns in the middle.", 1.9, "copper", 0xB8683C},
				{"Enamel", "enamelled steel", "The enamel is fired twice and does not mind tomatoes, wine or a metal spoon.", 0.85, "sage", 0x7E9A82},
			},
		},
		{
			slug: "tableware", name: "Tableware", description: "Plates and bowls that stack, and look well when they do not.",
			sku: "TAB", motif: bowlMotif, tags: []string{"ceramic", "table"}, warrantyYears: 2,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"dishwasher_safe": true, "microwave_safe": true, "set_of": 1.0},
			nouns: [5]noun{
				{"Dinner Plate", "with a rim that keeps the sauce where it belongs", 2200, 27, 2.5, 27, 0.72},
				{"Soup Bowl", "deep enough for a second helping", 1900, 18, 7, 18, 0.48},
				{"Espresso Cup", "with walls thick enough to keep two sips hot", 1400, 7, 6, 6.5, 0.14},
				{"Serving Dish", "for a roast, or a mountain of salad", 4900, 38, 6, 24, 1.5},
				{"Water Jug", "that pours in a straight line and never drips", 4200, 16, 22, 12, 0.95},
			},
			finishes: [3]finish{
				{"Speckled", "speckled stoneware", "The speckles are iron in the clay, and come out where they please.", 1.0, "oatmeal", 0xCDBFA6},
				{"Cobalt", "stoneware in a cobalt glaze", "The glaze pools in the hollows and turns a deeper blue there.", 1.15, "cobalt", 0x2F4F8F},
				{"Celadon", "porcelain in a celadon glaze", "Held against the light it is a shade greener than it seems on the table.", 1.45, "celadon", 0x9DBFAE},
			},
		},
	}}
}

func living() room {
	return room{"living", "Living", "Light, cloth and clay for the rooms you sit in.", []shelf{
		{
			slug: "lamps", name: "Lamps", description: "Warm light in the right place.",
			sku: "LMP", motif: lampMotif, tags: []string{"light", "dimmable"}, warrantyYears: 5,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"lumen": 806.0, "kelvin": 2700.0, "socket": "E27", "bulb_included": true},
			nouns: [5]noun{
				{"Table Lamp", "for the corner that is always a little too dark", 8900, 28, 46, 28, 2.1},
				{"Floor Lamp", "that leans over an armchair without getting in the way", 18900, 42, 154, 36, 6.8},
				{"Pendant Lamp", "to hang low over a round table", 13900, 38, 30, 38, 2.4},
				{"Reading Lamp", "with an arm that stays where it is put", 9900, 18, 52, 18, 1.9},
				{"Night Light", "just bright enough to find the door", 3400, 12, 14, 12, 0.5},
			},
			finishes: [3]finish{
				{"Brass", "brushed brass", "The brass is left without lacquer and darkens in its own time.", 1.2, "brass", 0xB9913F},
				{"Paper", "folded paper", "The shade is a single sheet, folded by hand along two hundred creases.", 0.8, "paper white", 0xE6DCC8},
				{"Terracotta", "unglazed terracotta", "The inside is glazed white so that all the light comes out.", 1.0, "terracotta", 0xB9694A},
			},
		},
		{
			slug: "textiles", name: "Textiles", description: "Blankets, cushions and curtains that wash well.",
			sku: "TEX", motif: clothMotif, tags: []string{"woven", "washable"}, warrantyYears: 2,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"wash_celsius": 30.0, "tumble_dry": false, "fair_wages": true},
			nouns: [5]noun{
				{"Throw", "for the last hour of a long evening", 7900, 180, 0.8, 130, 1.1},
				{"Cushion", "firm enough to read against", 3900, 50, 14, 50, 0.8},
				{"Table Runner", "that makes any table look set", 3200, 150, 0.3, 40, 0.25},
				{"Curtain", "that lets in the morning and keeps out the street", 6900, 140, 260, 0.3, 1.4},
				{"Floor Rug", "flat-woven, so that doors pass over it", 15900, 200, 0.9, 140, 4.6},
			},
			finishes: [3]finish{
				{"Linen", "stone-washed linen", "It is washed with pumice before it is sewn and shrinks no further.", 1.1, "flax", 0xBFAF92},
				{"Lambswool", "undyed lambswool", "The yarn is spun from fleeces sorted by colour, so no dye is needed.", 1.35, "heather grey", 0x8E8B88},
				{"Indigo Cotton", "cotton dyed with indigo", "Each length is dipped eight times, and aired in between.", 1.0, "indigo", 0x34466F},
			},
		},
		{
			slug: "vases", name: "Vases", description: "For one stem, or for all of them.",
			sku: "VAS", motif: vaseMotif, tags: []string{"flowers", "handmade"}, warrantyYears: 2,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"watertight": true, "handmade": true},
			nouns: [5]noun{
				{"Bud Vase", "for one stem from the roadside", 1800, 8, 14, 8, 0.3},
				{"Bottle Vase", "with a neck that holds tulips upright", 3600, 14, 28, 14, 0.9},
				{"Moon Jar", "nearly round, as two bowls joined should be", 8900, 26, 27, 26, 2.2},
				{"Trough Vase", "low enough to talk across", 4400, 36, 9, 10, 1.3},
				{"Pitcher Vase", "with a handle, for armfuls from the garden", 5200, 20, 30, 16, 1.6},
			},
			finishes: [3]finish{
				{"Chalk", "matt white porcelain", "The surface is like the shell of an egg, and as easily wiped.", 1.1, "chalk", 0xE3DED4},
				{"Rust", "stoneware in a rust-red glaze", "The red comes from iron, and no two firings agree on it.", 1.0, "rust", 0x9B4A2E},
				{"Smoke Glass", "mouth-blown grey glass", "A bubble or two in the base shows that it was blown, not pressed.", 1.25, "smoke", 0x6F777C},
			},
		},
	}}
}

func bath() room {
	return room{"bath", "Bath", "Soft things and good smells.", []shelf{
		{
			slug: "towels", name: "Towels", description: "Thirsty on the first day and on the thousandth.",
			sku: "TOW", motif: clothMotif, tags: []string{"cotton", "washable"}, warrantyYears: 3,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"grams_per_square_metre": 520.0, "wash_celsius": 60.0},
			nouns: [5]noun{
				{"Hand Towel", "for the basin", 1400, 100, 0.6, 50, 0.26},
				{"Bath Towel", "large enough to wear", 3200, 150, 0.6, 90, 0.7},
				{"Face Cloth", "for mornings that begin slowly", 700, 30, 0.5, 30, 0.05},
				{"Bath Mat", "thick under wet feet", 2600, 80, 1.2, 50, 0.9},
				{"Hooded Robe", "for the way from the lake to the house", 7900, 60, 120, 3, 1.3},
			},
			finishes: [3]finish{
				{"Waffle", "waffle-woven cotton", "The weave dries between two showers, even in winter.", 1.0, "cream", 0xD9CDB4},
				{"Terry", "long-looped terry", "The loops are of combed cotton and do not pull.", 1.1, "sea", 0x5F8A94},
				{"Striped Hammam", "flat-woven hammam cotton", "It folds as small as a shirt and softens with every wash.", 0.9, "clay stripe", 0xB57F66},
			},
		},
		{
			slug: "soap", name: "Soap", description: "Cold-stirred, slowly cured.",
			sku: "SOA", motif: soapMotif, tags: []string{"vegan", "plastic-free"}, warrantyYears: 0,
			storage:    &catalogv1.ProductDetails_Storage{MinCelsius: -5, MaxCelsius: 30, KeepDry: true},
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_LETTER,
			attributes: map[string]any{"cured_weeks": 6.0, "palm_oil": false, "ingredients": []any{"olive oil", "coconut oil", "shea butter"}},
			nouns: [5]noun{
				{"Hand Soap", "for hands that come in from the garden", 590, 8, 3, 5.5, 0.1},
				{"Shampoo Bar", "that outlives two bottles and survives the suitcase", 990, 7, 3, 7, 0.09},
				{"Shaving Soap", "that lathers in hard water too", 1190, 7, 4, 7, 0.12},
				{"Kitchen Soap", "that takes garlic off fingers", 690, 8, 3, 5.5, 0.11},
				{"Body Bar", "gentle enough for every day", 790, 9, 3.5, 6, 0.14},
			},
			finishes: [3]finish{
				{"Cedar", "scented with cedar and bergamot", "The cedar comes first; the bergamot stays.", 1.1, "cedar", 0xA9745B},
				{"Rosemary", "scented with rosemary and mint", "Chopped rosemary is stirred in by hand and scrubs a little.", 1.0, "rosemary", 0x7C9473},
				{"Unscented", "without any scent", "Nothing is added that does not wash.", 0.9, "ivory", 0xDED3BD},
			},
		},
	}}
}
