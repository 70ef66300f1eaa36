package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// token is a signed JWT (RFC 7519) that was taken apart. Nothing that it says is true before its signature has been verified.
type token struct {
	text      string
	algorithm string // alg
	keyID     string // kid; "" if there is none
	kind      string // typ; "" if there is none
	claims    claims
}

// encoding is that of RFC 7515, of which each value has one form only.
var encoding = base64.RawURLEncoding.Strict()

// parseToken reads the compact form. What the header says of where keys are (jwk, jku, x5c, x5u) is not looked at.
func parseToken(text string) (*token, error) {
	parts := strings.SplitN(text, ".", 4)
	if len(parts) != 3 {
		return nil, errors.New("it has not three parts")
	}
	header, err := decodeObject(parts[0])
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	claims, err := decodeObject(parts[1])
	if err != nil {
		return nil, fmt.Errorf("claims: %w", err)
	}
	if _, err := decode(parts[2]); err != nil {
		return nil, fmt.Errorf("signature: %w", err)
	}
	t := &token{text: text, claims: claims}
	for name, to := range map[string]*string{"alg": &t.algorithm, "kid": &t.keyID, "typ": &t.kind} {
		value, given := header[name]
		if *to, _ = value.(string); given && *to == "" {
			return nil, fmt.Errorf("header: %s is no text", name)
		}
	}
	for _, name := range []string{"crit", "b64"} { // which say that it has to be read in another way
		if _, given := header[name]; given {
			return nil, fmt.Errorf("header: %s is not taken", name)
		}
	}
	return t, nil
}

func decodeObject(part string) (map[string]any, error) {
	text, err := decode(part)
	if err != nil {
		return nil, err
	}
	return strictObject(text)
}

func decode(part string) ([]byte, error) {
	if strings.ContainsAny(part, "\r\n") { // the decoder skips them
		return nil, errors.New("there is a line break in it")
	}
	return encoding.DecodeString(part)
}
