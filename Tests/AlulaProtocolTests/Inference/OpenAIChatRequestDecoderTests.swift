import AlulaInference
import AlulaJSON
import AlulaProtocol
import Testing

struct OpenAIChatRequestDecoderTests {
    private func decoded(_ text: String) throws -> InferenceRequest {
        try OpenAIChatRequestDecoder.decode(JSONValue.parse(text))
    }

    @Test func readsAConversationWithToolsAndImages() throws {
        let request = try decoded(
            #"""
            {"model": "openai/gpt-5.5", "stream": true, "stream_options": {"include_usage": true}, "user": "ann",
             "messages": [
              {"role": "developer", "content": "Be brief."},
              {"role": "user", "name": "ann", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
                {"type": "image_url", "image_url": {"url": "https://example.invalid/a.png"}},
                {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "wav"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,CCCC"}},
                {"type": "file", "file": {"file_id": "file-1"}}]},
              {"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"a\":1}"}},
                {"id": "c2", "type": "function", "function": {"name": "look", "arguments": ""}}]},
              {"role": "tool", "tool_call_id": "c1", "content": "a cat"}],
             "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.",
               "parameters": {"type": "object"}, "strict": true}}],
             "tool_choice": {"type": "function", "function": {"name": "look"}}, "parallel_tool_calls": false,
             "temperature": 0.5, "top_p": 1, "presence_penalty": -2, "frequency_penalty": 2, "seed": 7,
             "stop": ["END", "STOP"], "max_tokens": 9, "max_completion_tokens": 10, "n": 1,
             "reasoning_effort": "low", "service_tier": "flex", "logit_bias": {"1": 2}, "metadata": null,
             "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}}
            """#)
        #expect(
            request.messages == [
                Message(.developer, "Be brief."),
                Message(
                    .user,
                    [
                        .text("What is this?"),
                        .image(Message.Media(.base64("AAAA"), mediaType: "image/png"), detail: "low"),
                        .image(Message.Media(.url("https://example.invalid/a.png"))),
                        .audio(Message.Media(.base64("BBBB"), mediaType: "audio/wav")),
                        .file(Message.Media(.base64("CCCC"), mediaType: "application/pdf", name: "a.pdf")),
                        .file(Message.Media(.providerFile("file-1"))),
                    ], name: "ann"),
                Message(
                    .assistant,
                    [
                        .reasoning(Message.Reasoning(text: "hm")),
                        .toolCall(Message.ToolCall(id: "c1", name: "look", arguments: #"{"a":1}"#)),
                        .toolCall(Message.ToolCall(id: "c2", name: "look", arguments: "")),
                    ]),
                Message(.tool, [.toolResult(Message.ToolResult(callID: "c1", parts: [.text("a cat")]))]),
            ])
        #expect(
            request.tools == [
                ToolDefinition(name: "look", description: "Looks.", parameters: ["type": "object"], isStrict: true)
            ])
        #expect(request.toolChoice == .tool("look"))
        #expect(request.allowsParallelToolCalls == false)
        #expect(
            request.sampling
                == SamplingOptions(
                    temperature: 0.5, topP: 1, frequencyPenalty: 2, presencePenalty: -2, seed: 7,
                    stopSequences: ["END", "STOP"], maximumOutputTokens: 10, choiceCount: 1))
        #expect(request.format == .jsonSchema(ResponseFormat.Schema(name: "s", schema: ["type": "object"])))
        #expect(request.reasoning == ReasoningOptions(effort: "low"))
        #expect(request.isStreamed && request.wantsUsageInStream)
        #expect(request.user == "ann")
        // What has no field is kept, and null is nothing.
        let extras: JSONValue = ["service_tier": "flex", "logit_bias": ["1": 2]]
        #expect(.object(request.extras) == extras)
    }

    @Test func readsTheOlderNamesOfFunctions() throws {
        let request = try decoded(
            #"""
            {"model": "m", "functions": [{"name": "f"}], "function_call": {"name": "f"}, "messages": [
              {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
              {"role": "function", "name": "f", "content": "4"}]}
            """#)
        #expect(request.tools.map(\.name) == ["f"])
        #expect(request.toolChoice == .tool("f"))
        #expect(request.messages[0].parts.first?.toolCall?.id == "call_f")
        #expect(
            request.messages[1].parts == [
                .toolResult(Message.ToolResult(callID: "call_f", name: "f", parts: [.text("4")]))
            ])
    }

    @Test(arguments: [
        (#"[]"#, ""), (#"{"messages": []}"#, "model"), (#"{"model": " ", "messages": []}"#, "model"),
        (#"{"model": 4, "messages": []}"#, "model"), (#"{"model": "m"}"#, "messages"),
        (#"{"model": "m", "messages": []}"#, "messages"), (#"{"model": "m", "messages": {}}"#, "messages"),
        (#"{"model": "m", "messages": [4]}"#, "messages[0]"),
        (#"{"model": "m", "messages": [{"content": "x"}]}"#, "messages[0].role"),
        (#"{"model": "m", "messages": [{"role": "king", "content": "x"}]}"#, "messages[0].role"),
        (#"{"model": "m", "messages": [{"role": "user"}]}"#, "messages[0].content"),
        (#"{"model": "m", "messages": [{"role": "user", "content": 4}]}"#, "messages[0].content"),
        (#"{"model": "m", "messages": [{"role": "assistant", "content": null}]}"#, "messages[0].content"),
        (#"{"model": "m", "messages": [{"role": "tool", "content": "x"}]}"#, "messages[0].tool_call_id"),
        (
            #"{"model": "m", "messages": [{"role": "assistant", "content": "x", "audio": {"id": "a"}}]}"#,
            "messages[0].audio"
        ),
        (
            #"{"model": "m", "messages": [{"role": "user", "content": [{"type": "text"}]}]}"#,
            "messages[0].content[0].text"
        ),
        (
            #"{"model": "m", "messages": [{"role": "user", "content": [{"type": "hologram"}]}]}"#,
            "messages[0].content[0].type"
        ),
        (
            #"{"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}]}"#,
            "messages[0].content[0].image_url.url"
        ),
        (
            #"{"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png,x"}}]}]}"#,
            "messages[0].content[0].image_url.url"
        ),
    ])
    func saysWhichMemberIsWrong(_ body: String, _ place: String) {
        expectMistake(body, at: place)
    }

    @Test(arguments: [
        (#""temperature": 2.1"#, "temperature"), (#""temperature": "hot""#, "temperature"), (#""top_p": -1"#, "top_p"),
        (#""presence_penalty": 3"#, "presence_penalty"), (#""frequency_penalty": -3"#, "frequency_penalty"),
        (#""seed": 1.5"#, "seed"), (#""max_tokens": 0"#, "max_tokens"), (#""n": 0"#, "n"), (#""stop": [4]"#, "stop[0]"),
        (#""stream": "yes""#, "stream"), (#""tools": [{"type": "web_search"}]"#, "tools[0].type"),
        (#""tools": [{"type": "function"}]"#, "tools[0].function"),
        (#""tools": [{"type": "function", "function": {"name": ""}}]"#, "tools[0].function.name"),
        (
            #""tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]"#,
            "tools[0].function.parameters"
        ),
        (#""tool_choice": "perhaps""#, "tool_choice"), (#""response_format": {"type": "xml"}"#, "response_format.type"),
    ])
    func saysWhichOptionIsWrong(_ member: String, _ place: String) {
        expectMistake(#"{"model": "m", "messages": [{"role": "user", "content": "x"}], \#(member)}"#, at: place)
    }

    private func expectMistake(_ body: String, at place: String) {
        do {
            _ = try decoded(body)
            Issue.record("It was read.")
        } catch let error as InferenceError {
            #expect(error.parameter ?? "" == place)
            #expect(AnswerError(error).status == 400)
        } catch {
            Issue.record("\(error)")
        }
    }

    /// Messages name places and kinds, and never repeat what somebody wrote.
    @Test func messagesQuoteNothing() {
        do {
            _ = try decoded(#"{"model": "m", "messages": [{"role": "canary-4711", "content": "canary-4711"}]}"#)
        } catch let error as InferenceError {
            #expect(!error.message.contains("canary"))
        } catch {
            Issue.record("\(error)")
        }
    }
}
