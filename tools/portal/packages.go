package main

// packages are where the assets come from.
var packages = []source{
	{
		name:      "@scalar/api-reference",
		version:   "1.72.1",
		integrity: "sha512-XpEJ0rfc/cXbCrR+iC4kK0o/WwX2dTtGQbT049OlPKAHD6IMIFdTeGz2r+M27P2EDWKyUITRm/NzlP8z2pw/Ow==",
		entry:     "package/dist/browser/standalone.js",
		asset:     "scalar.js.gz",
	},
	{
		name:      "@scalar/types",
		version:   "0.22.1",
		integrity: "sha512-h8/oe1tG1UIPoAKETiOBtYpyoH7GW3mp4Yu3Znl1RWa2iYLWl7ZtnqJ2A+n5s7MvZEDAb33pt4W/eswB3VVr6Q==",
		entry:     "package/LICENSE",
		asset:     "scalar.LICENSE.txt",
	},
}
