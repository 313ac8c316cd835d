import Testing

@testable import AlulaPrimitives

struct SecretTests {
    private let canary = "sk-fake-CANARY-000"

    @Test func showsAPlaceholderHoweverItIsPrinted() {
        let secret = Secret(canary)
        var dumped = ""
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        dump(Optional(secret) as Any, to: &dumped)
        let shown = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Optional(secret) as Any)",
            "\([secret])", "\(["k": secret])", dumped,
        ]
        for text in shown { #expect(!text.contains("CANARY")) }
        #expect("\(secret)" == Secret.placeholder)
    }

    @Test func comparesByContentOnlyWhenAsked() {
        #expect(Secret("abc").matches(Secret("abc")))
        #expect(!Secret("abc").matches(Secret("abd")))
        #expect(!Secret("abc").matches(Secret("ab")))
        #expect(!Secret("abc").matches(Secret("")))
        #expect(!Secret("").matches(Secret("abc")))
        #expect(Secret("").matches(Secret("")))
        #expect(!Secret("ab").matches(Secret("abab")))
    }

    @Test(arguments: [
        (" key\r\n", "key"), ("a\u{2028}b\u{2029}c", "abc"), ("k\u{201C}ey\u{1F600}", "key"), ("ü", "ü"), ("\n \t", ""),
    ])
    func normalisesAsItIsSent(_ raw: String, _ sent: String) { #expect(Secret(raw).normalised.exposed == sent) }

    @Test func isBlankWithoutAUsableCharacter() {
        #expect(Secret(" \n").isBlank)
        #expect(Secret("\u{1F600}").isBlank)
        #expect(!Secret("x").isBlank)
    }
}
