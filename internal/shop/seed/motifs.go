package seed

import "strings"

// motif is the figure that stands for all things of a shelf.
type motif uint8

const (
	knifeMotif motif = iota
	potMotif
	bowlMotif
	lampMotif
	clothMotif
	vaseMotif
	soapMotif
	toolMotif
	planterMotif
	birdhouseMotif
	packMotif
	tentMotif
	bottleMotif
	bookMotif
	penMotif
	trayMotif
	puzzleMotif
	blocksMotif
	jarMotif
)

// motifs returns the SVG of each figure on a square of 640, standing on y = 510. A figure fills itself with the main
// colour; DARK and LIGHT in the drawings below stand for the two given here.
func motifs(dark, light string) [jarMotif + 1]string {
	drawn := figures
	colours := strings.NewReplacer("DARK", dark, "LIGHT", light)
	for m := range drawn {
		drawn[m] = colours.Replace(drawn[m])
	}
	return drawn
}

var figures = [jarMotif + 1]string{
	knifeMotif: `<g transform="rotate(-58 320 320)"><path d="M130 300 Q300 262 420 284 L420 340 L150 340 Q128 330 130 300Z" fill="LIGHT"/><path d="M138 326 H420 V340 H150 Q138 336 138 326Z" fill="#fff" opacity=".6"/><rect x="420" y="280" width="22" height="62" rx="5" fill="DARK"/><rect x="440" y="284" width="150" height="54" rx="24"/><circle cx="480" cy="311" r="6" fill="LIGHT"/><circle cx="540" cy="311" r="6" fill="LIGHT"/></g>`,
	potMotif: `<rect x="112" y="300" width="70" height="30" rx="15" fill="DARK"/><rect x="458" y="300" width="70" height="30" rx="15" fill="DARK"/>` +
		`<path d="M160 268 H480 V440 Q480 510 410 510 H230 Q160 510 160 440Z"/><path d="M184 290 V440 Q184 480 214 494" fill="none" stroke="LIGHT" stroke-width="12" opacity=".7"/>` +
		`<path d="M146 268 Q320 176 494 268Z" fill="DARK"/><circle cx="320" cy="206" r="24"/>`,
	bowlMotif:    `<path d="M120 330 H520 Q510 490 390 502 H250 Q130 490 120 330Z"/><ellipse cx="320" cy="330" rx="200" ry="38" fill="LIGHT"/><ellipse cx="320" cy="336" rx="176" ry="28" fill="DARK" opacity=".55"/><rect x="254" y="496" width="132" height="16" rx="8" fill="DARK"/>`,
	lampMotif:    `<path d="M150 310 L490 310 L420 150 H220Z" opacity=".96"/><path d="M150 310 H490 L560 510 H80Z" fill="#fff4d0" opacity=".45"/><rect x="310" y="310" width="20" height="170" fill="DARK"/><ellipse cx="320" cy="494" rx="96" ry="18" fill="DARK"/><ellipse cx="320" cy="310" rx="170" ry="14" fill="#fff4d0"/>`,
	clothMotif:   `<rect x="140" y="410" width="360" height="100" rx="40"/><rect x="156" y="318" width="328" height="100" rx="40" fill="LIGHT"/><rect x="150" y="226" width="340" height="100" rx="40"/><g stroke="DARK" stroke-width="6" opacity=".5"><path d="M190 276 H450"/><path d="M190 460 H450"/><path d="M200 368 H440"/></g>`,
	vaseMotif:    `<g fill="none" stroke="DARK" stroke-width="7"><path d="M316 250 Q290 150 230 110"/><path d="M322 250 Q330 140 350 80"/><path d="M328 250 Q370 170 430 150"/></g><circle cx="228" cy="106" r="24" fill="LIGHT"/><circle cx="352" cy="76" r="28" fill="LIGHT"/><circle cx="434" cy="148" r="22" fill="LIGHT"/><path d="M286 238 H354 Q350 300 410 356 Q470 440 400 510 H240 Q170 440 230 356 Q290 300 286 238Z"/><path d="M226 400 Q204 450 240 490" fill="none" stroke="LIGHT" stroke-width="12" opacity=".7"/>`,
	soapMotif:    `<rect x="150" y="360" width="340" height="150" rx="62"/><rect x="196" y="396" width="248" height="78" rx="36" fill="none" stroke="DARK" stroke-width="7" opacity=".55"/><g fill="LIGHT" opacity=".85"><circle cx="220" cy="300" r="40"/><circle cx="300" cy="250" r="26"/><circle cx="360" cy="312" r="32"/><circle cx="428" cy="262" r="18"/></g>`,
	toolMotif:    `<g transform="rotate(24 320 320)"><rect x="296" y="110" width="48" height="190" rx="24"/><rect x="308" y="290" width="24" height="60" fill="DARK"/><path d="M254 350 H386 L380 440 Q366 520 320 548 Q274 520 260 440Z" fill="LIGHT"/><path d="M320 366 V520" stroke="DARK" stroke-width="8" opacity=".4"/></g>`,
	planterMotif: `<g fill="DARK"><path d="M320 340 Q250 250 270 130 Q340 220 320 340Z"/><path d="M320 340 Q180 310 150 210 Q280 220 320 340Z" opacity=".8"/><path d="M320 340 Q460 310 490 210 Q360 220 320 340Z" opacity=".8"/></g><path d="M178 340 H462 L430 510 H210Z"/><rect x="162" y="320" width="316" height="46" rx="12" fill="LIGHT"/>`,
	birdhouseMotif: `<rect x="306" y="440" width="28" height="72" fill="DARK"/><path d="M200 270 H440 V446 H200Z"/><path d="M168 282 L320 140 L472 282Z" fill="DARK"/>` +
		`<circle cx="320" cy="330" r="40" fill="#2a2420"/><rect x="312" y="386" width="16" height="36" rx="8" fill="LIGHT"/><path d="M380 128 q22 -26 44 0 q20 2 26 -10 q0 40 -44 36 q-26 -4 -26 -26z" fill="LIGHT"/>`,
	packMotif:   `<path d="M262 190 Q262 120 320 120 Q378 120 378 190" fill="none" stroke="DARK" stroke-width="18"/><rect x="182" y="176" width="276" height="334" rx="84"/><path d="M182 300 Q320 340 458 300 V250 Q440 176 374 176 H266 Q200 176 182 250Z" fill="DARK" opacity=".45"/><rect x="222" y="368" width="196" height="110" rx="26" fill="LIGHT" opacity=".85"/><rect x="304" y="296" width="32" height="52" rx="8" fill="LIGHT"/>`,
	tentMotif:   `<path d="M320 150 L570 510 H70Z"/><path d="M320 150 L400 510 H240Z" fill="DARK"/><path d="M320 150 L320 510 H240Z" fill="LIGHT" opacity=".8"/><path d="M320 150 L306 122 M320 150 L334 122" stroke="DARK" stroke-width="8"/>`,
	bottleMotif: `<rect x="276" y="96" width="88" height="60" rx="16" fill="DARK"/><path d="M284 156 H356 Q356 196 400 226 V466 Q400 510 356 510 H284 Q240 510 240 466 V226 Q284 196 284 156Z"/><path d="M266 250 V450" stroke="LIGHT" stroke-width="14" opacity=".75"/><rect x="240" y="330" width="160" height="14" fill="DARK" opacity=".35"/>`,
	bookMotif:   `<g transform="rotate(-6 320 330)"><rect x="190" y="150" width="280" height="360" rx="16" fill="#fdfaf4"/><rect x="180" y="144" width="276" height="360" rx="16"/><rect x="180" y="144" width="40" height="360" rx="14" fill="DARK"/><rect x="262" y="214" width="150" height="80" rx="8" fill="LIGHT"/><rect x="408" y="144" width="14" height="360" fill="DARK" opacity=".65"/></g>`,
	penMotif:    `<g transform="rotate(38 320 320)"><rect x="290" y="80" width="60" height="330" rx="22"/><rect x="290" y="220" width="60" height="16" fill="LIGHT"/><path d="M294 410 H346 L320 530Z" fill="LIGHT"/><path d="M320 440 V524" stroke="DARK" stroke-width="5"/><rect x="340" y="96" width="16" height="120" rx="8" fill="DARK"/></g>`,
	trayMotif:   `<path d="M110 400 H530 L500 510 H140Z"/><path d="M110 400 H530 V428 H110Z" fill="DARK" opacity=".55"/><g fill="LIGHT"><rect x="190" y="230" width="26" height="170" rx="8"/><rect x="236" y="270" width="90" height="130" rx="8"/></g><rect x="350" y="250" width="120" height="150" rx="10" fill="DARK"/><circle cx="410" cy="320" r="26" fill="LIGHT"/>`,
	puzzleMotif: `<path d="M170 230 H280 Q262 170 320 170 Q378 170 360 230 H470 V330 Q530 312 530 370 Q530 428 470 410 V510 H360 Q378 450 320 450 Q262 450 280 510 H170Z"/><path d="M188 248 V494" stroke="LIGHT" stroke-width="10" opacity=".7"/>`,
	blocksMotif: `<rect x="150" y="370" width="140" height="140" rx="14"/><rect x="300" y="370" width="140" height="140" rx="14" fill="LIGHT"/><path d="M226 362 L296 230 L366 362Z" fill="DARK"/><circle cx="490" cy="456" r="54"/><rect x="190" y="410" width="60" height="60" rx="8" fill="DARK" opacity=".35"/>`,
	jarMotif:    `<rect x="226" y="150" width="188" height="64" rx="14" fill="DARK"/><rect x="200" y="206" width="240" height="304" rx="40"/><rect x="226" y="300" width="188" height="130" rx="10" fill="LIGHT"/><path d="M320 324 q44 40 0 82 q-44 -42 0 -82z" fill="DARK"/>`,
}
