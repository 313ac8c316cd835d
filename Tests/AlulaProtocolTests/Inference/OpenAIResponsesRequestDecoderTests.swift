import AlulaInference
import AlulaJSON
import AlulaProtocol
import Testing

struct OpenAIResponsesRequestDecoderTests {
    private func decoded(_ text: String) throws -> InferenceRequest {
        try OpenAIResponsesRequestDecoder.decode(JSONValue.parse(text))
    }

    private func messages(_ items: String) throws -> [Message] {
        try decoded(#"{"model": "m", "input": [\#(items)]}"#).messages
    }

    @Test func aTextIsWhatTheUserSays() throws {
        let request = try decoded(#"{"model": "m", "input": "Hi", "instructions": "Be brief."}"#)
        #expect(request.messages == [Message(.system, "Be brief."), Message(.user, "Hi")])
        #expect(request.dialect == .openAIResponses)
        #expect(!request.isStreamed)
        #expect(request.format == .text)
        #expect(request.reasoning == nil)
        #expect(request.extras.map { $0.key } == ["instructions"])
        #expect(Dialect.allCases.allSatisfy { request.unsayableMember(in: $0) == nil })
    }

    @Test func readsMessagesWithImagesFilesAndMarksOfTheCache() throws {
        let messages = try messages(
            #"""
            {"role": "developer", "content": "Be brief."},
            {"type": "message", "role": "user", "id": "msg_0", "status": "completed", "content": [
              {"type": "input_text", "text": "What is this?", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}},
              {"type": "input_image", "detail": "low", "image_url": "data:image/png;base64,AAAA"},
              {"type": "input_image", "detail": "auto", "image_url": "https://example.invalid/a.png"},
              {"type": "input_image", "file_id": "file_1"},
              {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB"},
              {"type": "input_file", "filename": "b.pdf", "file_data": "CCCC"},
              {"type": "input_file", "file_url": "https://example.invalid/b.pdf"},
              {"type": "input_file", "file_id": "file_2"},
              {"type": "input_audio", "input_audio": {"data": "DDDD", "format": "wav"}}]}
            """#)
        #expect(
            messages == [
                Message(.developer, "Be brief."),
                Message(
                    .user,
                    [
                        .text("What is this?"), .cachePoint(Message.CachePoint(lifetime: "30m")),
                        .image(Message.Media(.base64("AAAA"), mediaType: "image/png"), detail: "low"),
                        .image(Message.Media(.url("https://example.invalid/a.png"))),
                        .image(Message.Media(.providerFile("file_1"))),
                        .file(Message.Media(.base64("BBBB"), mediaType: "application/pdf", name: "a.pdf")),
                        .file(Message.Media(.base64("CCCC"), name: "b.pdf")),
                        .file(Message.Media(.url("https://example.invalid/b.pdf"))),
                        .file(Message.Media(.providerFile("file_2"))),
                        .audio(Message.Media(.base64("DDDD"), mediaType: "audio/wav")),
                    ]),
            ])
    }

    /// Thoughts, words and calls are items of their own here, and one turn everywhere else.
    @Test func itemsOfOneTurnAreOneMessage() throws {
        let messages = try messages(
            #"""
            {"role": "user", "content": "Look."},
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "h"},
              {"type": "summary_text", "text": "m"}], "encrypted_content": "dark", "status": "completed"},
            {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed", "content": [
              {"type": "output_text", "text": "I look.", "annotations": [], "logprobs": []}]},
            {"type": "function_call", "id": "fc_1", "call_id": "a", "name": "look", "arguments": "{\"n\": 1.50}"},
            {"type": "function_call", "call_id": "b", "name": "wait", "arguments": ""},
            {"type": "function_call_output", "call_id": "a", "output": "a cat"},
            {"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "done"},
              {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]},
            {"role": "assistant", "content": "A cat."},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No more."}]}
            """#)
        #expect(
            messages == [
                Message(.user, "Look."),
                Message(
                    .assistant,
                    [
                        .reasoning(Message.Reasoning(text: "h\n\nm", encrypted: "dark", id: "rs_1")), .text("I look."),
                        .toolCall(Message.ToolCall(id: "a", name: "look", arguments: #"{"n": 1.50}"#)),
                        .toolCall(Message.ToolCall(id: "b", name: "wait", arguments: "")),
                    ]),
                Message(
                    .tool,
                    [
                        .toolResult(Message.ToolResult(callID: "a", parts: [.text("a cat")])),
                        .toolResult(
                            Message.ToolResult(
                                callID: "b",
                                parts: [
                                    .text("done"), .image(Message.Media(.base64("AAAA"), mediaType: "image/png")),
                                ])),
                    ]),
                Message(.assistant, "A cat."), Message(.assistant, [.refusal("No more.")]),
            ])
    }

    /// What the gateway gave a caller for thoughts says whose they are.
    @Test func thoughtsComeBackAsTheyWere() throws {
        func thoughts(_ sealed: String, _ summary: String = "") throws -> [Message.Part] {
            let summary = summary.isEmpty ? "" : #"{"type": "summary_text", "text": "\#(summary)"}"#
            return try messages(
                #"""
                {"role": "user", "content": "Hi"},
                {"type": "reasoning", "id": "rs_x_0", "summary": [\#(summary)], "encrypted_content": "\#(sealed)"}
                """#
            ).dropFirst().flatMap(\.parts)
        }
        let named = SealedThoughts.named(id: "rs_9", data: "a.b.c").text
        #expect(try thoughts(named, "hm") == [.reasoning(Message.Reasoning(text: "hm", encrypted: named))])
        #expect(
            try thoughts(SealedThoughts.signature("s.1").text, "hm")
                == [.reasoning(Message.Reasoning(text: "hm", signature: "s.1"))])
        #expect(
            try thoughts(SealedThoughts.unnamed(data: "d.1").text) == [.reasoning(Message.Reasoning(encrypted: "d.1"))])
        #expect(try thoughts("gAAAA", "") == [.reasoning(Message.Reasoning(encrypted: "gAAAA", id: "rs_x_0"))])
        #expect(try thoughts("", "hm") == [.reasoning(Message.Reasoning(text: "hm"))])
        #expect(try thoughts("") == [])
        for broken in ["alula.", "alula.named.", "alula.other.x", "alula"] {
            #expect(
                try thoughts(broken) == [.reasoning(Message.Reasoning(encrypted: broken, id: "rs_x_0"))], "\(broken)")
        }
    }

    @Test func itemsOfOtherKindsAreKeptForTheirProvider() throws {
        let messages = try messages(
            #"""
            {"role": "user", "content": "Look."}, {"type": "web_search_call", "id": "ws_1", "status": "completed"},
            {"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot"}}
            """#)
        let search: JSONValue = ["type": "web_search_call", "id": "ws_1", "status": "completed"]
        #expect(
            messages[1]
                == Message(.assistant, [.native(Message.NativeBlock(search, of: .openAIResponses, at: "input[1]"))]))
        #expect(messages[2].role == .tool)
        guard case .native(let block)? = messages[2].parts.first else { throw Absent() }
        #expect(block.place == "input[2]")
    }

    private struct Absent: Error {}

    @Test func readsToolsFormatsAndEverythingElse() throws {
        let request = try decoded(
            #"""
            {"model": "gpt-9", "input": "x", "stream": true, "stream_options": {"include_obfuscation": false},
             "tools": [{"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"},
               "strict": true, "defer_loading": true}, {"type": "function", "name": "wait", "parameters": null}],
             "tool_choice": {"type": "function", "name": "look"}, "parallel_tool_calls": false,
             "text": {"format": {"type": "json_schema", "name": "plan", "description": "d", "strict": true,
               "schema": {"type": "object"}}, "verbosity": "low"},
             "reasoning": {"effort": "high", "summary": "auto", "context": "all_turns"}, "max_output_tokens": 100,
             "temperature": 1.5, "top_p": 0.5, "metadata": {"a": "b"}, "store": true, "user": "ann",
             "truncation": "auto", "service_tier": "flex", "previous_response_id": null, "conversation": null,
             "background": false, "include": ["reasoning.encrypted_content", "file_search_call.results"],
             "top_logprobs": 0, "prompt_cache_key": "k", "max_tool_calls": 3}
            """#)
        #expect(request.isStreamed && request.wantsUsageInStream)
        #expect(
            request.tools == [
                ToolDefinition(
                    name: "look", description: "Looks.", parameters: ["type": "object"], isStrict: true,
                    extras: JSONObject([("defer_loading", true)])), ToolDefinition(name: "wait"),
            ])
        #expect(request.toolChoice == .tool("look"))
        #expect(request.allowsParallelToolCalls == false)
        #expect(
            request.format
                == .jsonSchema(
                    ResponseFormat.Schema(
                        name: "plan", description: "d", schema: ["type": "object"], isStrict: true)))
        #expect(request.reasoning == ReasoningOptions(effort: "high", summary: "auto"))
        #expect(request.sampling == SamplingOptions(temperature: 1.5, topP: 0.5, maximumOutputTokens: 100))
        #expect(request.user == "ann")
        let extras: JSONValue = [
            "metadata": ["a": "b"], "store": true, "truncation": "auto", "service_tier": "flex",
            "prompt_cache_key": "k", "max_tool_calls": 3, "include": ["reasoning.encrypted_content"],
            "text": ["verbosity": "low"],
            "reasoning": ["context": "all_turns"],
        ]
        #expect(JSONValue.object(request.extras) == extras)
        // A provider of another dialect is not asked for something else without anybody noticing.
        #expect(request.unsayableMember(in: .openAIChat) == "text")
        #expect(request.unsayableMember(in: .openAIResponses) == nil)
    }

    @Test func aChoiceAmongSomeToolsIsKeptForItsOwnDialect() throws {
        let choice = #"{"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look"}]}"#
        let request = try decoded(#"{"model": "m", "input": "x", "tool_choice": \#(choice)}"#)
        #expect(request.toolChoice == nil)
        let kept = try JSONValue.parse(choice)
        #expect(request.extras["tool_choice"] == kept)
        #expect(request.unsayableMember(in: .anthropicMessages) == "tool_choice")
    }

    @Test(
        arguments: [
            ("[]", nil), ("{}", "model"), (#"{"model": "m"}"#, "input"), (#"{"model": " ", "input": "x"}"#, "model"),
            (#"{"model": "m", "input": []}"#, "input"), (#"{"model": "m", "input": 4}"#, "input"),
            (#"{"model": "m", "input": [4]}"#, "input[0]"), (#"{"model": "m", "input": [{}]}"#, "input[0].role"),
            (#"{"model": "m", "input": [{"type": "reasoning", "id": "rs_1", "summary": []}]}"#, "input"),
            (#"{"model": "m", "input": [{"role": "tool", "content": "x"}]}"#, "input[0].role"),
            (#"{"model": "m", "input": [{"role": "user"}]}"#, "input[0].content"),
            (#"{"model": "m", "input": [{"role": "user", "content": [{}]}]}"#, "input[0].content[0].type"),
            (
                #"{"model": "m", "input": [{"role": "user", "content": [{"type": "input_video"}]}]}"#,
                "input[0].content[0].type"
            ),
            (
                #"{"model": "m", "input": [{"role": "user", "content": [{"type": "input_image", "image_url": "file:///etc/passwd"}]}]}"#,
                "input[0].content[0].image_url"
            ),
            (
                #"{"model": "m", "input": [{"role": "user", "content": [{"type": "input_file", "filename": "a"}]}]}"#,
                "input[0].content[0].file_data"
            ),
            (#"{"model": "m", "input": [{"type": "function_call", "name": "f"}]}"#, "input[0].call_id"),
            (#"{"model": "m", "input": [{"type": "function_call_output", "call_id": "a"}]}"#, "input[0].output"),
            (#"{"model": "m", "input": [{"type": "item_reference", "id": "msg_1"}]}"#, "input[0]"),
            (#"{"model": "m", "input": [{"id": "msg_1"}]}"#, "input[0]"),
            (#"{"model": "m", "input": "x", "previous_response_id": "resp_1"}"#, "previous_response_id"),
            (#"{"model": "m", "input": "x", "conversation": {"id": "conv_1"}}"#, "conversation"),
            (#"{"model": "m", "input": "x", "prompt": {"id": "pmpt_1"}}"#, "prompt"),
            (#"{"model": "m", "input": "x", "background": true}"#, "background"),
            (#"{"model": "m", "input": "x", "tools": [{"type": "web_search"}]}"#, "tools[0].type"),
            (#"{"model": "m", "input": "x", "tools": [{"type": "mcp", "server_label": "x"}]}"#, "tools[0].type"),
            (#"{"model": "m", "input": "x", "tools": [{"type": "custom", "name": "x"}]}"#, "tools[0].type"),
            (#"{"model": "m", "input": "x", "tools": [{"type": "function", "name": ""}]}"#, "tools[0].name"),
            (
                #"{"model": "m", "input": "x", "tools": [{"type": "function", "name": "f", "parameters": 4}]}"#,
                "tools[0].parameters"
            ),
            (#"{"model": "m", "input": "x", "tool_choice": "any"}"#, "tool_choice"),
            (#"{"model": "m", "input": "x", "tool_choice": {"type": "file_search"}}"#, "tool_choice.type"),
            (#"{"model": "m", "input": "x", "text": {"format": {"type": "xml"}}}"#, "text.format.type"),
            (#"{"model": "m", "input": "x", "text": {"format": {"type": "json_schema"}}}"#, "text.format.schema"),
            (#"{"model": "m", "input": "x", "reasoning": {"effort": 4}}"#, "reasoning.effort"),
            (#"{"model": "m", "input": "x", "max_output_tokens": 0}"#, "max_output_tokens"),
            (#"{"model": "m", "input": "x", "temperature": 3}"#, "temperature"),
            (#"{"model": "m", "input": "x", "top_p": -1}"#, "top_p"),
            (#"{"model": "m", "input": "x", "top_logprobs": 3}"#, "top_logprobs"),
            (#"{"model": "m", "input": "x", "include": ["message.output_text.logprobs"]}"#, "include[0]"),
            (#"{"model": "m", "input": "x", "stream": "yes"}"#, "stream"),
        ] as [(String, String?)])
    func refusesByName(_ body: String, _ parameter: String?) throws {
        let error = #expect(throws: InferenceError.self, "\(body)") { try decoded(body) }
        #expect(error?.parameter == parameter, "\(body)")
    }
}
