import AlulaAuth
import AlulaInference
import AlulaJSON
import Testing

@testable import AlulaProviders

struct EchoScriptTests {
    @Test func repeatsWhatItIsToldAndSaysWhatItIs() throws {
        let answer = try EchoScene.answer()
        #expect(answer.text == "Alula's test model repeats: Hello there, world")
        #expect(answer.head.model == "alula/echo")
        #expect(answer.finish == .stop)
        // Each word is a token, and four bytes of the question are one.
        #expect(answer.usage == TokenUsage(input: 5, output: 7))
        #expect(try EchoScene.steps() == EchoScene.steps())
    }

    @Test(arguments: ["Grüße, 世界 🦅", "", String(repeating: "ä", count: 50), " \n two  spaces "])
    func losesNoCharacter(text: String) throws {
        let answer = try EchoScene.answer(nil, EchoScene.request(text))
        #expect(answer.text == EchoScript.label + text)
    }

    @Test func bringsBackABoundedPartOfALongText() throws {
        let answer = try EchoScene.answer(nil, EchoScene.request(String(repeating: "word ", count: 10_000)))
        #expect(answer.text.count < 10_000)
    }

    @Test func repeatsTheLastTextAndNotTheTurnBefore() throws {
        let request = EchoScene.request("first") { request in
            request.messages.append(Message(.assistant, "mine"))
            request.messages.append(
                Message(.tool, [.toolResult(Message.ToolResult(callID: "1", parts: [.text("from a tool")]))]))
        }
        #expect(try EchoScene.answer("tools", request).text == EchoScript.label + "from a tool")
        let image = EchoScene.request {
            $0.messages = [Message(.user, [.image(Message.Media(.url("https://a.example")))])]
        }
        #expect(try EchoScene.answer(nil, image).text.hasSuffix("(nothing that is text)"))
    }

    // MARK: What a request asks for

    @Test func endsAtTheLimitOfTokens() throws {
        let answer = try EchoScene.answer(nil, EchoScene.request { $0.sampling.maximumOutputTokens = 3 })
        #expect(answer.text == "Alula's test model")
        #expect(answer.finish == .length)
        #expect(answer.usage?.output == 3)
    }

    @Test func endsBeforeAStopSequence() throws {
        let request = EchoScene.request { $0.sampling.stopSequences = ["", "nowhere", " there"] }
        let answer = try EchoScene.answer(nil, request)
        #expect(answer.text == EchoScript.label + "Hello")
        #expect(answer.finish == .stopSequence(" there"))
    }

    @Test func callsTheToolsThatTheCallerInsistsOn() throws {
        let tools = [
            ToolDefinition(name: "a"),
            ToolDefinition(
                name: "b",
                parameters: [
                    "type": "object", "properties": ["city": ["type": "string"], "days": ["type": "integer"]],
                    "required": ["city", "days"],
                ]),
        ]
        let cases: [(String?, ToolChoice?, [String])] = [
            (nil, nil, []), ("tools", nil, ["a"]), ("tools=2", .automatic, ["a", "b"]),
            ("tools=2", ToolChoice.none, []),
            (nil, .required, ["a"]), ("tools=2", .required, ["a", "b"]), (nil, .tool("b"), ["b"]),
            (nil, .tool("c"), []),
        ]
        for (suffix, choice, names) in cases {
            let request = EchoScene.request { request in
                request.tools = tools
                request.toolChoice = choice
            }
            let answer = try EchoScene.answer(suffix, request)
            #expect(answer.toolCalls.map(\.name) == names)
            #expect(answer.finish == (names.isEmpty ? .stop : .toolCalls))
            #expect(Set(answer.toolCalls.map(\.id)).count == names.count)
            for call in answer.toolCalls {
                #expect(call.arguments == (call.name == "b" ? #"{"city":"echo","days":1}"# : "{}"))
            }
        }
    }

    @Test func writesJSONWhereItIsWanted() throws {
        let object = EchoScene.request { $0.format = .jsonObject }
        #expect(try JSONValue.parse(EchoScene.answer(nil, object).text)["echo"] == "Hello there, world")
        #expect(try JSONValue.parse(EchoScene.answer("json").text)["model"] == "alula/echo")
        let schema: JSONValue = [
            "type": "object", "properties": ["step": ["$ref": "#/$defs/Step"]], "required": ["step"],
            "$defs": ["Step": ["type": "object", "properties": ["ok": ["type": "boolean"]], "required": ["ok"]]],
        ]
        let formatted = EchoScene.request { $0.format = .jsonSchema(ResponseFormat.Schema(name: "s", schema: schema)) }
        #expect(try EchoScene.answer(nil, formatted).text == #"{"step":{"ok":true}}"#)
    }

    // MARK: Options

    @Test func thinksAndRefusesOnDemand() throws {
        let thoughts = try EchoScene.answer("think")
        #expect(thoughts.parts.first == .reasoning(Message.Reasoning(text: "The caller wants to hear itself.")))
        #expect(thoughts.usage?.reasoning == 2)
        let refusal = try EchoScene.answer("refuse")
        #expect(refusal.finish == .refusal)
        #expect(refusal.text.isEmpty)
    }

    @Test func isAsLongAndAsSlowAsItIsTold() throws {
        #expect(try EchoScene.answer("words=3").text == "word1 word2 word3")
        let steps = try EchoScene.steps("words=2&delay=20&wait=100")
        let pauses = steps.compactMap { if case .pause(let time) = $0 { time } else { nil } }
        #expect(pauses == [.milliseconds(100), .milliseconds(20), .milliseconds(20)])
        #expect(steps.first == .pause(.milliseconds(100)))
    }

    @Test func failsBeforeTheAnswerOrInIt() throws {
        guard case .failure(let failure)? = try EchoScene.steps("fail=429").last else {
            Issue.record("It did not fail.")
            return
        }
        #expect(failure.judgement == .failure(.rateLimit))
        #expect(failure.status == 429)
        let steps = try EchoScene.steps("break=2&words=5")
        #expect(steps.filter { if case .piece(.text) = $0 { true } else { false } }.count == 2)
        guard case .failure? = steps.last else {
            Issue.record("It did not break off.")
            return
        }
        #expect(try EchoScene.steps("stall=1&words=5").last == .stall)
    }

    @Test func theRequestsOwnOptionsCountMore() throws {
        let request = EchoScene.request { $0.extras["echo"] = ["words": 2, "think": true] }
        let answer = try EchoScene.answer("words=5", request)
        #expect(answer.text == "word1 word2")
        #expect(answer.parts.count == 2)
    }

    @Test(arguments: [
        "nonsense", "fail", "fail=abc", "fail=200", "fail=600", "words=0", "words=", "delay=-1",
        "delay=99999999999999999999",
        "=", "tools=17", "think=2",
    ])
    func refusesOptionsThatMeanNothing(suffix: String) {
        #expect(throws: InferenceError.self) { try EchoScene.answer(suffix) }
    }

    @Test func refusesOptionsOfTheWrongKind() {
        for value in [JSONValue.string("fail"), ["words": "two"], ["words": 1.5], ["no": 1], ["fail": true]] {
            #expect(throws: InferenceError.self) {
                try EchoScene.answer(nil, EchoScene.request { $0.extras["echo"] = value })
            }
        }
    }

    @Test func schemasWithoutEndOrMeasureGiveBoundedSamples() {
        let endless: JSONValue = ["type": "array", "items": ["$ref": "#"], "minItems": 1000]
        #expect(SchemaSample.value(of: endless).serialized(.compact).count < 100_000)
        let wide: JSONValue = ["type": "array", "minItems": 9_000_000_000_000, "items": ["type": "integer"]]
        #expect(SchemaSample.value(of: wide).serialized(.compact).count < 10_000)
        #expect(SchemaSample.value(of: ["$ref": "#"]) == .null)
        #expect(SchemaSample.value(of: ["$ref": "#/no/where"]) == .null)
        #expect(SchemaSample.value(of: ["type": "string", "minLength": 9, "maxLength": 3]) == "ech")
        #expect(SchemaSample.value(of: ["enum": ["x", "y"]]) == "x")
        #expect(SchemaSample.value(of: ["anyOf": [["type": "null"], ["type": "string"]]]) == .null)
    }
}
