import AlulaInference
import AlulaModels
import AlulaPrimitives

@testable import AlulaProviders

extension SpokenKind {
    static let googleGenerativeAI = SpokenKind(
        testDescription: "google-generative-ai", path: "/v1/models/small:generateContent",
        keyLine: { "x-goog-api-key: \($0)" },
        make: { GoogleGenerativeAIProvider(client: $0, logins: $1, offloading: $2) },
        said: { event(#"[{"text":\#(text($0))}]"#) },
        opening: event(#"[{"text":""}]"#), closing: event(#"[{"text":""}]"#, #""STOP""#),
        whole: { answer(#"[{"text":\#(text($0))}]"#, $1 ? #""STOP""# : nil) },
        error: { failure($0, $1) }, errorEvent: { "data: \(failure($0, $1))\n\n" },
        rich: (
            event(#"[{"text":"Hm ","thought":true}]"#) + event(#"[{"text":"🤔.","thought":true}]"#)
                + event(#"[{"text":"Grüße, "}]"#, #""STOP""#) + event(#"[{"text":"世界"},{"hologram":{}}]"#)
                + event(#"[\#(calls[0])]"#) + event(#"[\#(calls[1])]"#, #""STOP""#, usage),
            answer(
                #"[{"text":"Hm 🤔.","thought":true},{"text":"Grüße, 世界"},\#(calls.joined(separator: ","))]"#,
                #""STOP""#, usage)
        ),
        decode: { try ProviderStream.read($0, of: .googleGenerativeAI, login: OpenedLogin(secret: nil)) },
        streamPath: "/v1/models/small:streamGenerateContent?alt=sse",
        marks: (model: "models/small:", stream: "alt=sse"), richAnswer: richAnswer(arguments: "{\"at\":\"ü\"}"))

    private static let calls = [
        #"{"functionCall":{"id":"a","name":"look","args":{"at":"\u00fc"}}}"#,
        #"{"functionCall":{"id":"b","name":"wait","args":{}}}"#,
    ]
    private static let usage =
        #"{"promptTokenCount":12,"cachedContentTokenCount":5,"candidatesTokenCount":5,"thoughtsTokenCount":2,"totalTokenCount":19}"#

    private static func answer(_ parts: String, _ finish: String? = nil, _ usage: String? = nil) -> String {
        let end = finish.map { #","finishReason":\#($0)"# } ?? ""
        let cost = usage.map { #","usageMetadata":\#($0)"# } ?? ""
        return #"{"candidates":[{"content":{"role":"model","parts":\#(parts)}\#(end),"index":0}]\#(cost)}"#
    }

    private static func event(_ parts: String, _ finish: String? = nil, _ usage: String? = nil) -> String {
        "data: \(answer(parts, finish, usage))\n\n"
    }

    private static func failure(_ status: Int, _ message: String) -> String {
        #"{"error":{"code":\#(status),"message":\#(text(message)),"status":"UNKNOWN"}}"#
    }
}
