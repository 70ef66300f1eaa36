package seed

import catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"

func study() room {
	return room{"study", "Study", "For desks where something gets done.", []shelf{
		{
			slug: "notebooks", name: "Notebooks", description: "They open flat and take ink.",
			sku: "NTB", motif: bookMotif, tags: []string{"paper", "sewn"}, warrantyYears: 0,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_LETTER,
			attributes: map[string]any{"pages": 192.0, "grams_per_square_metre": 90.0, "rulings": []any{"plain", "dots", "lines"}},
			nouns: [5]noun{
				{"Pocket Notebook", "for the thought that will not wait", 990, 9, 14, 1.2, 0.11},
				{"Journal", "for a page a day", 1990, 15, 21, 2, 0.38},
				{"Sketchbook", "with paper that takes a wash", 2400, 21, 30, 2.2, 0.8},
				{"Weekly Planner", "with the week on the left and room to think on the right", 2200, 15, 21, 1.6, 0.33},
				{"Music Book", "ruled for those who still write by hand", 1700, 23, 31, 1.2, 0.5},
			},
			finishes: [3]finish{
				{"Cloth-Bound", "bound in book cloth", "The boards are covered in cloth from edge to edge, and hold their corners.", 1.2, "brick", 0xA4503F},
				{"Kraft", "with a kraft cover", "The cover is meant to be drawn on.", 0.8, "kraft", 0xB48E63},
				{"Leather", "bound in vegetable-tanned leather", "The leather is tanned with oak bark and remembers where it has been.", 1.9, "saddle", 0x8A5A36},
			},
		},
		{
			slug: "pens", name: "Pens", description: "Lines that begin at once.",
			sku: "PEN", motif: penMotif, tags: []string{"writing", "refillable"}, warrantyYears: 10,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_LETTER,
			attributes: map[string]any{"refillable": true, "line_mm": 0.5, "ink": "blue-black"},
			nouns: [5]noun{
				{"Fountain Pen", "with a nib that has a little spring", 4900, 1.3, 14, 1.3, 0.024},
				{"Rollerball", "for people who write fast", 3400, 1.2, 14, 1.2, 0.022},
				{"Mechanical Pencil", "that never needs a bin", 2900, 1, 14.5, 1, 0.018},
				{"Drafting Pen", "for lines of one width", 2400, 1, 14, 1, 0.016},
				{"Brush Pen", "for letters with a waist", 1900, 1.3, 15, 1.3, 0.02},
			},
			finishes: [3]finish{
				{"Anodised", "anodised aluminium", "The colour is in the metal, not on it.", 1.0, "graphite", 0x4A4E57},
				{"Ebonite", "turned ebonite", "It is turned from the rod on a small lathe, and warms in the hand.", 1.8, "ebonite", 0x2B2624},
				{"Cherry", "turned cherry wood", "It comes pale and reddens on a sunny desk.", 1.2, "cherry", 0x9B5A3F},
			},
		},
		{
			slug: "organisers", name: "Organisers", description: "A place for each thing.",
			sku: "ORG", motif: trayMotif, tags: []string{"desk", "storage"}, warrantyYears: 5,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"stackable": true, "compartments": 5.0},
			nouns: [5]noun{
				{"Desk Tray", "for what would otherwise be a heap", 3900, 34, 6, 25, 1.2},
				{"Pen Cup", "with three depths, so that short pencils are not lost", 1900, 9, 10, 9, 0.4},
				{"Letter Rack", "for what must be answered this week", 2900, 24, 14, 9, 0.8},
				{"Cable Box", "that swallows a power strip whole", 3400, 40, 13, 15, 1.1},
				{"Monitor Stand", "that gives the desk back its middle", 6900, 55, 11, 22, 3.1},
			},
			finishes: [3]finish{
				{"Birch", "birch plywood", "The layers show at the edge, sanded and oiled.", 1.0, "birch", 0xD2B487},
				{"Powder-Coated", "powder-coated steel", "Magnets hold on to it.", 0.95, "petrol", 0x2F5D66},
				{"Cork", "pressed cork", "It is quiet, light, and takes a pin.", 0.85, "cork", 0xB08A5E},
			},
		},
	}}
}

func play() room {
	return room{"play", "Play", "For ages three to ninety-three.", []shelf{
		{
			slug: "puzzles", name: "Puzzles", description: "Pieces that click.",
			sku: "PUZ", motif: puzzleMotif, tags: []string{"family", "rainy-day"}, warrantyYears: 2,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"pieces": 500.0, "from_age": 8.0},
			nouns: [5]noun{
				{"Landscape Puzzle", "with a sky that is harder than it looks", 2400, 30, 5, 22, 0.7},
				{"Map Puzzle", "of an island that does not exist", 2600, 30, 5, 22, 0.7},
				{"Burr Puzzle", "of six sticks and one way in", 1900, 9, 9, 9, 0.3},
				{"Tangram", "of seven pieces and a few thousand figures", 1500, 15, 1.5, 15, 0.25},
				{"Maze Box", "that opens for the patient", 3900, 14, 12, 14, 0.8},
			},
			finishes: [3]finish{
				{"Maple", "laser-cut maple", "The cuts are a hair wide and smell faintly of fire.", 1.3, "maple", 0xD3AE78},
				{"Board", "thick grey board", "The board is pressed from old newspapers, and stays flat.", 0.8, "teal", 0x3D7C83},
				{"Walnut", "solid walnut", "The pieces are oiled and get better with handling.", 1.7, "walnut", 0x6B4A33},
			},
		},
		{
			slug: "toys", name: "Toys", description: "Made of wood, driven by imagination.",
			sku: "TOY", motif: blocksMotif, tags: []string{"wooden", "children"}, warrantyYears: 5,
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"from_age": 3.0, "batteries": false, "standard": "EN 71"},
			nouns: [5]noun{
				{"Building Blocks", "for towers, and for the joy of their fall", 4400, 32, 12, 24, 2.3},
				{"Pull-Along Train", "that follows wherever it is led", 3600, 42, 11, 9, 0.9},
				{"Marble Run", "that can be built a different way each Sunday", 6900, 40, 30, 30, 2.8},
				{"Stacking Rings", "for hands that have just found out about hands", 2200, 12, 20, 12, 0.6},
				{"Balance Board", "that is a bridge, a boat and a slide", 9900, 90, 22, 30, 3.9},
			},
			finishes: [3]finish{
				{"Natural", "plain oiled beech", "The oil is the one that is sold for salad.", 1.0, "beech", 0xCFA777},
				{"Rainbow", "beech in seven water-based colours", "The grain shows through every colour.", 1.15, "rainbow red", 0xC8524A},
				{"Forest", "beech in four quiet greens", "The greens were picked on a walk.", 1.1, "forest", 0x55795A},
			},
		},
	}}
}

func pantry() room {
	return room{"pantry", "Pantry", "Small batches, honest labels.", []shelf{
		{
			slug: "coffee-and-tea", name: "Coffee & tea", description: "Roasted on Tuesdays, picked by hand.",
			sku: "CUP", motif: jarMotif, tags: []string{"fair-trade", "fresh"}, warrantyYears: 0,
			storage:    &catalogv1.ProductDetails_Storage{MinCelsius: 4, MaxCelsius: 24, KeepDry: true},
			shipping:   catalogv1.ShippingClass_SHIPPING_CLASS_PARCEL,
			attributes: map[string]any{"grams": 250.0, "best_before_months": 12.0, "organic": true},
			nouns: [5]noun{
				{"Espresso Beans", "for a short cup with a long finish", 1290, 9, 22, 6, 0.27},
				{"Filter Coffee", "for a big pot and no hurry", 1190, 9, 22, 6, 0.27},
				{"Green Tea", "for the clear hour before lunch", 1090, 8, 16, 8, 0.18},
				{"Black Tea", "strong enough to stand up to milk", 890, 8, 16, 8, 0.2},
				{"Herb Infusion", "for the end of the day", 790, 8, 16, 8, 0.12},
			},
			finishes: [3]finish{
				{"House", "our house blend", "It has been the same blend since the first day, and is tasted every week.", 1.0, "chestnut", 0x7A4B32},
				{"High Mountain", "grown above 1,400 metres", "Cold nights make it grow slowly and taste of more.", 1.35, "mountain green", 0x5C7F62},
				{"Winter", "a winter blend with warm spices", "Orange peel and cardamom, and then it is gone until next year.", 1.1, "winter red", 0x97413A},
			},
		},
	}}
}
