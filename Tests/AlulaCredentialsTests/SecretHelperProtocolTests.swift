import AlulaPrimitives
import Testing

@testable import AlulaCredentials

struct SecretHelperProtocolTests {
    @Test func asksWithOneDocument() {
        let request = SecretHelperProtocol.request(alias: "vault", ids: ["team/openai#key", "team/slack"])
        #expect(
            String(decoding: request, as: UTF8.self)
                == "{\"protocolVersion\":1,\"provider\":\"vault\",\"ids\":[\"team/openai#key\",\"team/slack\"]}\n")
    }

    @Test func readsValuesAndRefusals() throws {
        let answer = try SecretHelperProtocol.decode(
            Array(
                """
                {"protocolVersion":1,"values":{"a":"sk-fake","b":7,"c":" ","extra":"x"},
                 "errors":{"d":{"code":"NOT_FOUND"},"e":{"code":"AMBIGUOUS_DUPLICATE_KEY"},"f":{"code":"CANARY"},"g":"x"}}
                """.utf8), ids: ["a", "b", "c", "d", "e", "f", "g", "h"], acceptsPlainText: false)
        #expect(try answer["a"]?.get().exposed == "sk-fake")
        let codes = answer.compactMapValues { result in
            if case .failure(let error) = result { error.code } else { nil }
        }
        #expect(
            codes == [
                "b": .invalidValue, "c": .invalidValue, "d": .notFound, "e": .ambiguous, "f": .refused, "g": .refused,
                "h": .notFound,
            ])
        #expect(answer["extra"] == nil)
        #expect(!"\(answer)".contains("CANARY"))
    }

    @Test(arguments: [
        ("", SecretResolutionError.Code.malformedAnswer), (" \n", .malformedAnswer), ("CANARY", .malformedAnswer),
        (#"{"protocolVersion":1,"values":{"a":"CANARY""#, .malformedAnswer), ("[]", .malformedAnswer),
        (#"{"values":{"a":"CANARY"}}"#, .unsupportedVersion),
        (#"{"protocolVersion":2,"values":{"a":"CANARY"}}"#, .unsupportedVersion),
        (#"{"protocolVersion":"1","values":{"a":"CANARY"}}"#, .unsupportedVersion),
        (#"{"protocolVersion":1,"values":["CANARY"]}"#, .malformedAnswer),
        (String(repeating: "[", count: 100_000), .malformedAnswer),
    ])
    func refusesAnswersThatAreNone(output: String, code: SecretResolutionError.Code) {
        let error = #expect(throws: SecretResolutionError.self) {
            try SecretHelperProtocol.decode(Array(output.utf8), ids: ["a"], acceptsPlainText: false)
        }
        #expect(error?.code == code)
        #expect(error?.message.contains("CANARY") == false)
    }

    @Test(arguments: [("  sk-fake\n", "sk-fake"), ("\"sk-fake\"", "sk-fake"), ("12345\n", "12345")])
    func takesPlainTextWhenItMay(output: String, secret: String) throws {
        let answer = try SecretHelperProtocol.decode(Array(output.utf8), ids: ["a"], acceptsPlainText: true)
        #expect(try answer["a"]?.get().exposed == secret)
        #expect(throws: SecretResolutionError.self) {
            try SecretHelperProtocol.decode(Array(output.utf8), ids: ["a", "b"], acceptsPlainText: true)
        }
    }
}
