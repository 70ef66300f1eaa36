package support

import (
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/anypb"

	supportv1 "github.com/gatehouse-edge/gatehouse/gen/shop/support/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// line is an answer to what holds one of its words. The first line that fits is said.
type line struct {
	words       []string
	text        string
	suggestions []string
	closed      bool
}

var script = []line{
	{[]string{"bye", "goodbye", "ciao"}, "Good-bye, and thank you for stopping by.", nil, true},
	{[]string{"human", "person", "agent", "colleague"}, "Of course. A colleague is at the desk from nine to five; leave your number, and you will be called.", []string{"I would rather write"}, false},
	{[]string{"return", "returns", "refund", "back"}, "You can send anything back within 30 days. The label is in the box; the money is with you three days after the parcel is with us.", []string{"Who pays for the postage?", "It arrived broken"}, false},
	{[]string{"postage"}, "We do, both ways, if something was wrong with it. Otherwise the way back is 4.90.", nil, false},
	{[]string{"broken", "damaged", "cracked"}, "I am sorry. Send me a picture of it here, and a new one leaves tomorrow.", []string{"I have no camera"}, false},
	{[]string{"delivery", "shipping", "arrive", "long"}, "One day for 9.90, three days for 4.90, a week for 2.90, and the slow one is free from fifty euros on.", []string{"Do you deliver at the weekend?"}, false},
	{[]string{"weekend", "saturday", "sunday"}, "On Saturdays yes, on Sundays the van rests.", nil, false},
	{[]string{"pay", "payment", "invoice", "card"}, "By card, by gift card, or by invoice within 14 days.", nil, false},
	{[]string{"thanks", "thank"}, "You are welcome. Is there anything else?", []string{"No, good-bye"}, false},
	{[]string{"hello", "hi", "hey"}, "Hello! What can I do for you?", []string{"Where is my order?", "I am looking for a gift"}, false},
}

func greeting() *supportv1.ChatResponse {
	return &supportv1.ChatResponse{
		Text:        "Hello! I can find things, follow parcels, and explain delivery and returns.",
		Suggestions: []string{"Where is my order?", "How long is delivery?", "I am looking for a lamp"},
	}
}

var orderID = regexp.MustCompile(`\bo-[0-9]{1,12}\b`)

// answer returns what to say to a message, or nil if nothing is to be said.
func (c *conversation) answer(req *supportv1.ChatRequest) (*supportv1.ChatResponse, error) {
	if id := req.GetContext()["order_id"]; id != "" {
		c.context["order_id"] = id
	}
	switch content := req.GetContent().(type) {
	case *supportv1.ChatRequest_Text:
		return c.reply(content.Text)
	case *supportv1.ChatRequest_Attachment:
		return &supportv1.ChatResponse{
			Text: "Thank you, I have " + content.Attachment.GetFileName() + ". A colleague looks at it within the hour.",
		}, nil
	case *supportv1.ChatRequest_Opinion:
		if content.Opinion == supportv1.Opinion_OPINION_HELPFUL {
			return &supportv1.ChatResponse{Text: "I am glad that helped."}, nil
		}
		return &supportv1.ChatResponse{Text: "I am sorry. Shall I ask a colleague?", Suggestions: []string{"Yes, a person please"}}, nil
	}
	return nil, nil
}

func (c *conversation) reply(text string) (*supportv1.ChatResponse, error) {
	text = strings.ToLower(text)
	words := strings.FieldsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' })
	if id := orderID.FindString(text); id != "" || slices.Contains(words, "order") || slices.Contains(words, "parcel") {
		return c.order(id)
	}
	for _, l := range script {
		if slices.ContainsFunc(l.words, func(word string) bool { return slices.Contains(words, word) }) {
			return &supportv1.ChatResponse{Text: l.text, Suggestions: l.suggestions, Closed: l.closed}, nil
		}
	}
	return c.recommend(words)
}

// order points to the order that is named here or was named before.
func (c *conversation) order(id string) (*supportv1.ChatResponse, error) {
	if id == "" {
		id = c.context["order_id"]
	}
	if id == "" {
		return &supportv1.ChatResponse{Text: "Gladly. What is its number? It begins with o- and stands in the mail we sent."}, nil
	}
	c.context["order_id"] = id
	card, err := anypb.New(&supportv1.OrderCard{OrderId: id, WatchPath: "/v1/orders/" + id + ":watch"})
	return &supportv1.ChatResponse{
		Text:        "Here is " + id + ": you can watch it on its way.",
		Suggestions: []string{"Can I still cancel it?", "How do I return something?"},
		Card:        card,
	}, err
}

// recommend offers the best product that carries most of the words.
func (c *conversation) recommend(words []string) (*supportv1.ChatResponse, error) {
	var best seed.Product
	score := 0.0
	for _, p := range c.products {
		if fits := fit(p, words); fits > 0 && fits+p.GetRating()/10 > score {
			best, score = p, fits+p.GetRating()/10
		}
	}
	if best.Product == nil {
		return &supportv1.ChatResponse{
			Text:        "I am not sure I understand. Could you say it in other words?",
			Suggestions: []string{"Where is my order?", "How do I return something?", "A person, please"},
		}, nil
	}
	card, err := anypb.New(&supportv1.ProductCard{
		ProductId: best.GetId(), Name: best.GetName(), Price: best.GetPrice(), Rating: best.GetRating(),
	})
	return &supportv1.ChatResponse{
		Text:        "You might like this: " + best.GetSummary(),
		Suggestions: []string{"Something else, please", "How long is delivery?"},
		Card:        card,
	}, err
}

// fit counts the words of some length that the name or a tag of a product has; a plural counts as its singular.
func fit(p seed.Product, words []string) float64 {
	text := " " + strings.ToLower(p.GetName()) + " " + strings.Join(p.GetTags(), " ") + " "
	n := 0.0
	for _, word := range words {
		if len(word) > 2 && strings.Contains(text, " "+strings.TrimSuffix(word, "s")) {
			n++
		}
	}
	return n
}
