import AlulaInference
import AlulaJSON
import AlulaProtocol
import Testing

struct AnthropicRequestDecoderTests {
    private func decoded(_ text: String) throws -> InferenceRequest {
        try AnthropicRequestDecoder.decode(JSONValue.parse(text))
    }

    @Test func readsAConversationWithToolsAndDocuments() throws {
        let request = try decoded(
            #"""
            {"model": "claude-opus-5", "max_tokens": 100, "stream": true, "metadata": {"user_id": "ann"},
             "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
             "messages": [
              {"role": "user", "content": [
                {"type": "text", "text": "What is this?", "citations": null},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                {"type": "image", "source": {"type": "url", "url": "https://example.invalid/a.png"}},
                {"type": "document", "title": "a.pdf", "citations": {"enabled": false},
                 "source": {"type": "base64", "media_type": "application/pdf", "data": "CCCC"}},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "It rains."}},
                {"type": "document", "source": {"type": "file", "file_id": "file_1"}}]},
              {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "sig"},
                {"type": "redacted_thinking", "data": "dark"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "t1", "name": "look", "input": {"a": 1.50}, "caller": {"type": "direct"}}]},
              {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "is_error": true, "content": [
                  {"type": "text", "text": "a cat"},
                  {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "DDDD"}}],
                  "cache_control": {"type": "ephemeral"}},
                {"type": "tool_result", "tool_use_id": "t2", "content": "a dog"},
                {"type": "tool_result", "tool_use_id": "t3"},
                {"type": "text", "text": "And?"}]},
              {"role": "system", "content": "Hurry."}],
             "tools": [{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}, "strict": true,
               "cache_control": {"type": "ephemeral"}, "type": "custom"}],
             "tool_choice": {"type": "tool", "name": "look", "disable_parallel_tool_use": true},
             "temperature": 0.5, "top_p": 1, "top_k": 4, "stop_sequences": ["END"],
             "thinking": {"type": "enabled", "budget_tokens": 2048, "display": "omitted"},
             "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
             "service_tier": "auto", "container": null}
            """#)
        #expect(
            request.messages == [
                Message(.system, [.text("Be brief."), .cachePoint(Message.CachePoint(lifetime: "1h"))]),
                Message(
                    .user,
                    [
                        .text("What is this?"), .image(Message.Media(.base64("AAAA"), mediaType: "image/png")),
                        .image(Message.Media(.url("https://example.invalid/a.png"))),
                        .file(Message.Media(.base64("CCCC"), mediaType: "application/pdf", name: "a.pdf")),
                        .file(Message.Media(.text("It rains."), mediaType: "text/plain")),
                        .file(Message.Media(.providerFile("file_1"))),
                    ]),
                Message(
                    .assistant,
                    [
                        .reasoning(Message.Reasoning(text: "hm", signature: "sig")),
                        .reasoning(Message.Reasoning(encrypted: "dark")), .text("I look."),
                        .toolCall(Message.ToolCall(id: "t1", name: "look", arguments: #"{"a":1.50}"#)),
                    ]),
                Message(
                    .tool,
                    [
                        .toolResult(
                            Message.ToolResult(
                                callID: "t1",
                                parts: [
                                    .text("a cat"), .image(Message.Media(.base64("DDDD"), mediaType: "image/png")),
                                ], isFailure: true)), .cachePoint(Message.CachePoint()),
                        .toolResult(Message.ToolResult(callID: "t2", parts: [.text("a dog")])),
                        .toolResult(Message.ToolResult(callID: "t3", parts: [])),
                    ]),
                Message(.user, "And?"), Message(.system, "Hurry."),
            ])
        let mark: JSONValue = ["type": "ephemeral"]
        #expect(
            request.tools == [
                ToolDefinition(
                    name: "look", description: "Looks.", parameters: ["type": "object"], isStrict: true,
                    extras: JSONObject([("cache_control", mark)]))
            ])
        #expect(request.toolChoice == .tool("look"))
        #expect(request.allowsParallelToolCalls == false)
        #expect(
            request.sampling
                == SamplingOptions(
                    temperature: 0.5, topP: 1, topK: 4, stopSequences: ["END"], maximumOutputTokens: 100))
        #expect(request.reasoning == ReasoningOptions(effort: "low", budgetTokens: 2048, summary: "omitted"))
        #expect(
            request.format
                == .jsonSchema(ResponseFormat.Schema(name: "answer", schema: ["type": "object"], isStrict: true)))
        #expect(request.isStreamed && request.wantsUsageInStream)
        #expect(request.user == "ann")
        #expect(request.extras == JSONObject([("service_tier", "auto")]))
    }

    @Test func whatHasNoWordIsKeptForProvidersOfTheDialect() throws {
        let request = try decoded(
            #"""
            {"model": "m", "max_tokens": 1, "metadata": {"user_id": "u", "more": 1}, "thinking": {"type": "between_tools"},
             "output_config": {"task_budget": 3}, "container": "c", "messages": [{"role": "user", "content": [
               {"type": "search_result", "title": "t", "source": "s", "content": []},
               {"type": "document", "citations": {"enabled": true}, "source": {"type": "text", "data": "x"}},
               {"type": "document", "source": {"type": "content", "content": "x"}},
               {"type": "image", "transformations": {"oversized_image": "error"}, "source": {"type": "url", "url": "https://a.example/b"}},
               {"type": "text", "text": "Hi"}]}]}
            """#)
        let blocks = request.messages[0].parts.compactMap { if case .native(let block) = $0 { block } else { nil } }
        #expect(blocks.map(\.place) == (0...3).map { "messages[0].content[\($0)]" })
        #expect(blocks.allSatisfy { $0.dialect == .anthropicMessages })
        #expect(blocks[0].value["title"] == "t")
        #expect(request.messages[0].text == "Hi")
        let extras: JSONValue = [
            "metadata": ["more": 1], "thinking": ["type": "between_tools"], "output_config": ["task_budget": 3],
            "container": "c",
        ]
        let kept = Set(request.extras.keys)
        #expect(kept == Set(extras.object?.keys ?? []))
        for (key, value) in request.extras { #expect(extras[key] == value) }
        #expect(request.unsayableMember(in: .anthropicMessages) == nil)
        #expect(["container", "output_config"].contains(request.unsayableMember(in: .openAIChat)))
    }

    @Test(arguments: [
        (#"{"type": "adaptive", "display": "summarized"}"#, ReasoningOptions(summary: "auto", isAdaptive: true)),
        (#"{"type": "disabled"}"#, ReasoningOptions(budgetTokens: 0)),
        (#"{"type": "enabled", "budget_tokens": 9}"#, ReasoningOptions(budgetTokens: 9)),
    ])
    func readsHowMuchIsThought(_ thinking: String, _ options: ReasoningOptions) throws {
        let request = try decoded(
            #"{"model": "m", "max_tokens": 1, "thinking": \#(thinking), "messages": [{"role": "user", "content": "x"}]}"#
        )
        #expect(request.reasoning == options)
        #expect(request.extras.isEmpty)
    }

    @Test func aCountNeedsNoLimit() throws {
        let body = try JSONValue.parse(#"{"model": "m", "messages": [{"role": "user", "content": "12345"}]}"#)
        let request = try AnthropicRequestDecoder.decode(body, isCounted: true)
        #expect(request.sampling.maximumOutputTokens == nil)
        #expect(TokenEstimate.tokens(of: request) == 2)
    }

    @Test(arguments: [
        (#"[]"#, ""), (#"{"max_tokens": 1, "messages": []}"#, "model"),
        (#"{"model": " ", "max_tokens": 1, "messages": []}"#, "model"),
        (#"{"model": "m", "max_tokens": 1}"#, "messages"),
        (#"{"model": "m", "max_tokens": 1, "messages": []}"#, "messages"),
        (#"{"model": "m", "max_tokens": 1, "messages": [4]}"#, "messages[0]"),
        (#"{"model": "m", "messages": [{"role": "user", "content": "x"}]}"#, "max_tokens"),
        (#"{"model": "m", "max_tokens": 1, "messages": [{"content": "x"}]}"#, "messages[0].role"),
        (#"{"model": "m", "max_tokens": 1, "messages": [{"role": "tool", "content": "x"}]}"#, "messages[0].role"),
        (#"{"model": "m", "max_tokens": 1, "messages": [{"role": "user"}]}"#, "messages[0].content"),
        (#"{"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": 4}]}"#, "messages[0].content"),
        (
            #"{"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": [{}]}]}"#,
            "messages[0].content[0].type"
        ),
        (
            #"{"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": [{"type": "text"}]}]}"#,
            "messages[0].content[0].text"
        ),
        (
            #"{"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}"#,
            "messages[0].content[0].tool_use_id"
        ),
        (
            #"{"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "file:///etc/passwd"}}]}]}"#,
            "messages[0].content[0].source.url"
        ),
        (
            #"{"model": "m", "max_tokens": 1, "messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": "{}"}]}]}"#,
            "messages[0].content[0].input"
        ),
    ])
    func saysWhichMemberIsWrong(_ body: String, _ place: String) { expectMistake(body, at: place) }

    @Test(arguments: [
        (#""max_tokens": 0"#, "max_tokens"), (#""temperature": 1.1"#, "temperature"), (#""top_p": -1"#, "top_p"),
        (#""top_k": -1"#, "top_k"), (#""stop_sequences": "x""#, "stop_sequences"),
        (#""stop_sequences": [4]"#, "stop_sequences[0]"), (#""stream": "yes""#, "stream"), (#""system": 4"#, "system"),
        (#""system": [{"type": "image"}]"#, "system[0].type"),
        (#""tools": [{"type": "web_search_20250305", "name": "web_search"}]"#, "tools[0].type"),
        (#""tools": [{"name": "f"}]"#, "tools[0].input_schema"),
        (#""tools": [{"name": "", "input_schema": {}}]"#, "tools[0].name"),
        (#""tool_choice": "auto""#, "tool_choice"), (#""tool_choice": {"type": "perhaps"}"#, "tool_choice.type"),
        (#""tool_choice": {"type": "tool"}"#, "tool_choice.name"), (#""thinking": {}"#, "thinking.type"),
        (#""thinking": {"type": "enabled"}"#, "thinking.budget_tokens"),
        (#""thinking": {"type": "adaptive", "display": "loud"}"#, "thinking.display"),
        (#""output_config": {"format": {"type": "xml"}}"#, "output_config.format.type"),
        (#""output_format": {"type": "json_schema"}"#, "output_format.schema"), (#""metadata": 4"#, "metadata"),
    ])
    func saysWhichOptionIsWrong(_ member: String, _ place: String) {
        let limit = member.contains("max_tokens") ? "" : #""max_tokens": 1, "#
        expectMistake(
            #"{"model": "m", \#(limit)"messages": [{"role": "user", "content": "x"}], \#(member)}"#, at: place)
    }

    private func expectMistake(_ body: String, at place: String) {
        do {
            _ = try decoded(body)
            Issue.record("It was read.")
        } catch let error as InferenceError {
            #expect(error.parameter ?? "" == place)
            #expect(AnswerError(error).anthropicStatus == 400)
            #expect(place.isEmpty || error.message.contains("`\(place)`"))
        } catch {
            Issue.record("\(error)")
        }
    }
}
