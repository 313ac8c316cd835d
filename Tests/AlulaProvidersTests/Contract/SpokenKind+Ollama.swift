import AlulaInference
import AlulaModels
import AlulaPrimitives

@testable import AlulaProviders

extension SpokenKind {
    static let ollama = SpokenKind(
        testDescription: "ollama", path: "/api/chat",
        keyLine: { "authorization: bearer \($0)" },
        make: { OllamaProvider(client: $0, logins: $1, offloading: $2) },
        said: { line(#""content":\#(text($0))"#) },
        opening: line(#""content":"""#), closing: line(#""content":"""#, #","done":true,"done_reason":"stop""#),
        whole: { object(#""content":\#(text($0))"#, $1 ? #","done":true,"done_reason":"stop""# : #","done":false"#) },
        error: { failure($0, $1) }, errorEvent: { failure($0, $1) + "\n" },
        rich: (
            line(#""content":"","thinking":"Hm ""#) + line(#""content":"","thinking":"🤔.""#)
                + line(#""content":"Grüße, ""#) + line(#""content":"世界""#)
                + line(#""content":"","tool_calls":[\#(calls[0])]"#)
                + line(#""content":"","tool_calls":[\#(calls[1])]"#) + line(#""content":"""#, end),
            object(
                #""content":"Grüße, 世界","thinking":"Hm 🤔.","tool_calls":[\#(calls.joined(separator: ","))]"#, end)
        ),
        decode: { try ProviderStream.read($0, of: .ollama, login: OpenedLogin(secret: nil)) },
        streamType: "application/x-ndjson",
        richAnswer: richAnswer(arguments: "{\"at\":\"ü\"}", usage: TokenUsage(input: 12, output: 7)),
        variants: { text in
            [
                text.replacing("\n", with: "\r\n"), text.replacing("\n", with: "\r"), "\u{FEFF}" + text,
                text.replacing("\n", with: "\n\n \t\n"), "\n" + text, String(text.dropLast(1)),
            ]
        }, nonsense: ["{nonsense\n", "4\n", "[]\n", "data: {}\n"])

    private static let calls = [
        #"{"id":"a","function":{"index":0,"name":"look","arguments":{"at":"\u00fc"}}}"#,
        #"{"id":"b","function":{"index":0,"name":"wait","arguments":{}}}"#,
    ]
    private static let end = #","done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":7"#

    private static func object(_ members: String, _ end: String) -> String {
        #"{"model":"small","created_at":"2026-11-28T07:00:00Z","message":{"role":"assistant",\#(members)}\#(end)}"#
    }

    private static func line(_ members: String, _ end: String = #","done":false"#) -> String {
        object(members, end) + "\n"
    }

    private static func failure(_ status: Int, _ message: String) -> String {
        #"{"error":\#(text(message)),"status":\#(status)}"#
    }
}
