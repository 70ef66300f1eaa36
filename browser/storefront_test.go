package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// handheld is the width of a small telephone's window.
const handheld = 375

// TestTheStorefront walks through the shop as people do, on a desk and on a telephone. The tab fails if the page complains,
// and what is shown has to be readable in light and dark.
func TestTheStorefront(t *testing.T) {
	chrome := chrome(t)
	for device, width := range map[string]int64{"on a desk": wide, "on a telephone": handheld} {
		t.Run(device, func(t *testing.T) {
			t.Parallel()
			host := serve(t, "--demo", "--listen", free, "--demo-login", free, "--admin", free)[0]
			for name, walk := range map[string]func(*visitor){
				"somebody looks around":             looksAround,
				"a customer buys":                   buys,
				"a partner calls an order off":      callsOff,
				"a wrong quantity is told":          wrongQuantity,
				"too many codes have to wait":       triesCodes,
				"each caller sees their own":        isEverybody,
				"support answers":                   chats,
				"a screen of one call and of five":  compares,
				"what is not there is told":         isLost,
				"a keyboard is enough to look":      usesKeys,
				"the documentation is a click away": readsDocs,
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					v := &visitor{open(chrome, t, host)}
					v.do(chromedp.EmulateViewport(width, 800))
					walk(v)
				})
			}
		})
	}
}

// visitor is somebody in the shop.
type visitor struct{ *tab }

func looksAround(v *visitor) {
	v.visit("/")
	v.shows("h1", "Good things")
	v.await("document.querySelectorAll('.shelf a').length === 8 && document.querySelectorAll('.product a').length === 8")
	v.await("document.querySelector('.collage img')?.naturalWidth > 0")
	v.reads()

	v.write(".hero input", "saucepan")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.shows("h1", "“saucepan”")
	v.shows("main [role=status]", "thing")
	v.await("[...document.querySelectorAll('.product h3')].every((name) => name.innerText.includes('Saucepan'))")
	v.visit("/#/shelves/kitchen/knives")
	v.shows("h1", "Knives")
	v.shows("main [role=status]", "15 things")
	v.reads()
	v.visit("/#/shelves?words=unicorn")
	v.shows(".notice", "Nothing like that")
	v.visit("/#/shelves")
	v.click(".more button")
	v.await("document.querySelectorAll('.product a').length === 48")
}

func buys(v *visitor) {
	v.refused("401", "400")
	v.visit("/#/products/copper-saucepan")
	v.shows("h1", "Copper Saucepan")
	v.reads()
	v.click(".order > .button")
	v.shows("dialog[open]", "whose cart")
	v.reads()
	v.choose("Customer")
	v.click(".order > .button")
	v.shows(".toast", "is in your cart")

	v.click(".basket")
	v.shows("h1", "Your cart")
	v.click(".item [aria-label='One more']")
	v.shows(".item .price", "€206.00")
	v.shows(".pieces", "2")
	v.reads()
	v.click(".sum a.button")
	v.shows("h1", "Checkout")

	v.await("document.querySelector('[name=recipient]').value === 'Mira'")
	v.clear("[name=recipient]")
	v.write("[name=countryCode]", "Germany")
	v.click(".sum .button")
	v.shows(".form > .problem", "2 fields")
	v.shows(".field:has([name=recipient]) .problem", "Must not be empty.")
	v.shows(".field:has([name=countryCode]) .problem", "Two capital letters, such as DE.")
	v.await("document.activeElement.name === 'recipient' && document.activeElement.ariaInvalid === 'true'")
	v.reads()
	v.write("[name=recipient]", "Mira")
	v.write("[name=countryCode]", "DE")
	v.click(".sum .button")

	v.shows("h1", "Order o-")
	v.shows(".live", "Live")
	v.await("document.querySelectorAll('.course .done').length > 1")
	v.reads()
	v.shows(".course .now", "It is at your door.")
	v.await("document.querySelectorAll('.course .done').length === 5 && !document.querySelector('.live')")
	v.visit("/#/orders")
	v.shows(".order-list", "Delivered")
	v.reads()
}

func callsOff(v *visitor) {
	v.visit("/#/products/copper-saucepan")
	v.signIn("Partner")
	v.shows(".facts .wholesale", "wholesale")
	v.click(".order > .button")
	v.shows(".toast", "is in your cart")
	v.visit("/#/checkout")
	v.shows("h1", "Checkout")
	for name, text := range map[string]string{"recipient": "A. Reader", "street": "1 Quiet Lane", "city": "Bremen", "countryCode": "DE"} {
		v.write("[name="+name+"]", text)
	}
	v.click(".sum .button")
	v.shows("h1", "Order o-")
	v.click(".sum .button")
	v.shows(".course .now", "It was called off.")
	v.reads()
}

func wrongQuantity(v *visitor) {
	v.refused("400")
	v.visit("/#/products/copper-saucepan")
	v.signIn("Customer")
	v.write(".quantity input", "200")
	v.click(".order > .button")
	v.shows(".quantity .problem", "Must be at least 1 and at most 99.")
	v.await("document.querySelector('.quantity input').ariaInvalid === 'true'")
	v.reads()
}

func triesCodes(v *visitor) {
	v.refused("404", "429")
	v.visit("/#/offers")
	v.write("[name=code]", "welcome-ten")
	v.click(".code .button")
	v.shows(".found", "Ten euros to begin with")
	v.shows(".left", "of 10 tries left")
	v.reads()
	for i := 0; v.value("String(document.querySelector('.slow') !== null)") == "false"; i++ {
		if i == 20 {
			v.Fatal("nobody limits the codes")
		}
		path := fmt.Sprintf("guess-%d", i)
		v.write("[name=code]", path)
		v.click(".code .button")
		v.await("document.querySelector('.slow, .code .problem') !== null")
	}
	v.shows(".slow", "That was a lot of codes")
	v.shows(".code .button", "Wait")
	v.await("document.querySelector('.code .button').disabled")
	v.reads()
	v.shows(".slow", "You can go on")
	v.write("[name=code]", "winter-kitchen")
	v.click(".code .button")
	v.shows(".found", "A warm kitchen")
}

func isEverybody(v *visitor) {
	v.refused("401", "403")
	v.visit("/#/account")
	v.shows(".notice", "Please sign in first")
	v.signIn("Customer")
	if got := v.shows(".profile", "mira@example.com"); strings.Count(got, "not in the answer") != 3 {
		v.Errorf("a customer sees\n%s", got)
	}
	v.signIn("Partner")
	v.shows(".notice", "This is not yours to see")
	v.signIn("Admin")
	if got := v.shows(".profile", "Password hash"); strings.Contains(got, "not in the answer") {
		v.Errorf("an administrator sees\n%s", got)
	}
	v.click(".everybody .button")
	v.shows(".everybody table", "Mira")
	for _, row := range []string{
		"A product's price|€103.00|€103.00|€103.00|€103.00", "Its wholesale price|left out|left out|€59.74|€59.74",
		"Mira's profile|sign in|Mira|not yours|Mira",
	} {
		v.await(fmt.Sprintf("[...document.querySelectorAll('tbody tr')].some((row) => [...row.cells].map((c) => c.innerText).join('|') === %q)", row))
	}
	v.reads()

	v.visit("/#/products/copper-saucepan")
	v.shows(".facts", "wholesale")
	v.signIn("Nobody")
	v.await("document.querySelector('.facts .price') && !document.querySelector('.facts .wholesale')")
}

func chats(v *visitor) {
	v.visit("/#/support")
	v.shows(".notice", "Sign in")
	v.signIn("Customer")
	v.shows(".log", "Hello!")
	v.write(".say input", "I am looking for a lamp")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.shows(".log .pointer", "Lamp")
	v.reads()
	v.write(".say input", "Where is o-100049?")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.shows(".log li:last-child .pointer", "o-100049")
	v.write(".say input", "bye")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.shows(".over", "The conversation is over.")
	v.click(".over button")
	v.await("document.querySelectorAll('.log li').length === 1")
	v.write(".say input", "Where is o-100049?")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.click(".log .pointer")
	v.shows("h1", "Order o-100049")
}

func compares(v *visitor) {
	v.visit("/#/compare")
	v.signIn("Customer")
	v.click(".bench > .button")
	v.await("[...document.querySelectorAll('.time')].every((time) => time.innerText.endsWith(' ms'))")
	if got := v.value("[...document.querySelectorAll('.lanes > li')].map((lane) => lane.querySelectorAll('.span:not(.failed)').length).join()"); got != "1,5,5" {
		v.Errorf("calls that succeeded: %s", got)
	}
	shown := v.shows(".phone", "Hello, Mira")
	for _, want := range []string{"in your cart", "For you", "Lately"} {
		if !strings.Contains(shown, want) {
			v.Errorf("the screen does not have %q", want)
		}
	}
	v.reads()
}

func isLost(v *visitor) {
	v.refused("404", "401")
	v.visit("/#/products/unicorn")
	v.shows(".notice", "There is nothing here")
	v.visit("/#/nowhere")
	v.shows(".notice", "There is no such page")
	v.visit("/#/orders")
	v.shows(".notice", "Please sign in first")
	v.reads()
	v.visit("/#/cart")
	v.shows(".notice", "Whose cart?")
	v.signIn("Admin")
	v.shows(".notice", "Your cart is empty")
	v.visit("/#/orders")
	v.shows("h1", "Everybody's orders")
	v.await("document.querySelectorAll('.order-list > li').length === 20")
}

func usesKeys(v *visitor) {
	v.visit("/")
	v.shows("h1", "Good things")
	v.do(chromedp.KeyEvent(kb.Tab))
	v.await("document.activeElement.className === 'skip'")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.await("document.activeElement.tagName === 'MAIN'")
	v.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('.who').focus()"), chromedp.KeyEvent(kb.Enter))
	v.await("document.querySelector('dialog[open]')?.contains(document.activeElement)")
	v.do(chromedp.KeyEvent(kb.Escape))
	v.await("!document.querySelector('dialog[open]') && document.activeElement.className === 'who'")
	v.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('.shelf a').focus()"), chromedp.KeyEvent(kb.Enter))
	v.shows("h1", "Kitchen")
	v.await("document.activeElement.tagName === 'MAIN' && scrollY === 0")
}

func readsDocs(v *visitor) {
	v.visit("/")
	v.click(".foot a[href='/docs']")
	v.shows("h1", "Shop API")
}

// signIn makes the visitor a caller, or nobody.
func (v *visitor) signIn(caller string) {
	v.Helper()
	v.click(".who")
	v.choose(caller)
}

// choose takes what the dialog offers.
func (v *visitor) choose(caller string) {
	v.Helper()
	choice := fmt.Sprintf("[...document.querySelectorAll('dialog[open] .choice')].find((choice) => choice.querySelector('strong').innerText === %q)", caller)
	v.await(choice)
	v.do(chromedp.Evaluate[chromedp.Void](choice + ".click()"))
	if caller == "Nobody" {
		caller = "Sign in"
	}
	v.shows(".who", caller)
	v.await("!document.querySelector('dialog[open]')")
}

func (v *visitor) click(selector string) {
	v.Helper()
	v.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// write types into an input, in place of what is there.
func (v *visitor) write(selector, text string) {
	v.Helper()
	v.clear(selector)
	v.fill(fmt.Sprintf("document.querySelector(%q)", selector), text)
}

func (v *visitor) clear(selector string) {
	v.Helper()
	v.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).select()", selector)),
		chromedp.KeyEvent(kb.Delete))
	v.await(fmt.Sprintf("document.querySelector(%q).value === ''", selector))
}

// reads looks at the screen as readers of light and dark pages see it.
func (v *visitor) reads() {
	v.Helper()
	for _, scheme := range []string{"dark", "light"} {
		v.prefer(scheme)
		if found := v.value(unreadable); found != "" {
			v.Errorf("%s:\n%s", scheme, found)
		}
	}
}

// refused expects calls to be answered with each of these statuses, of which the browser complains.
func (v *visitor) refused(statuses ...string) {
	v.Cleanup(func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		for _, status := range statuses {
			before := len(v.complaints)
			v.complaints = slices.DeleteFunc(v.complaints, func(complaint string) bool {
				return strings.Contains(complaint, "responded with a status of "+status)
			})
			if len(v.complaints) == before {
				v.Errorf("no call is answered with %s", status)
			}
		}
	})
}

// TestTheStorefrontIsWhatItsSourcesMake builds the assets again, from the sources and from today's documents.
func TestTheStorefrontIsWhatItsSourcesMake(t *testing.T) {
	t.Parallel()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is missing: install Node.js 20.19 or newer")
	}
	const root = ".."
	copied := t.TempDir()
	storefront := filepath.Join("internal", "storefront")
	for _, folder := range []string{"openapi", filepath.Join(storefront, "web")} {
		if err := copyTree(filepath.Join(copied, folder), filepath.Join(root, folder)); err != nil {
			t.Fatal(err)
		}
	}
	web := filepath.Join(copied, storefront, "web")
	if out, err := inFolder(t, web, npm, "ci", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Skipf("what the test needs is not to be had: %v\n%s", err, out)
	}
	if out, err := inFolder(t, web, npm, "run", "--silent", "build").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, want := files(t, filepath.Join(copied, storefront, "assets")), files(t, filepath.Join(root, storefront, "assets"))
	for name, content := range got {
		if !bytes.Equal(content, want[name]) {
			t.Errorf("%s is not what is made: run npm ci && npm run build in internal/storefront/web", name)
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("%s is not made", name)
	}
}

// inFolder is a command that ends when the test does, or when it takes far too long.
func inFolder(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.WaitDelay = dir, 10*time.Second
	return cmd
}

// copyTree leaves out what npm installs.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == "node_modules" || entry.Name() == "generated" {
			return fs.SkipDir
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, below), 0o700)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, below), content, 0o600)
	})
}

// files returns the contents of a folder's files by their names.
func files(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, entry := range entries {
		if all[entry.Name()], err = os.ReadFile(filepath.Join(folder, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}
