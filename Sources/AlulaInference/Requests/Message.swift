package import AlulaJSON

/// One contribution to a conversation.
package struct Message: Hashable, Sendable {
    /// Who speaks. Raw values are for logs.
    package enum Role: String, CaseIterable, Sendable {
        /// Whoever runs the model.
        case system
        /// Whoever wrote the program that asks; most providers know only ``system``.
        case developer
        case user
        /// The model.
        case assistant
        /// A tool that was called; the parts are ``Part/toolResult(_:)``.
        case tool
    }

    package var role: Role
    /// What is said, in order.
    package var parts: [Part]
    /// Which one of several speakers with this role it is.
    package var name: String?

    package init(_ role: Role, _ parts: [Part], name: String? = nil) {
        self.role = role
        self.parts = parts
        self.name = name
    }

    package init(_ role: Role, _ text: String) { self.init(role, [.text(text)]) }

    /// The text parts in one.
    package var text: String { parts.compactMap(\.text).joined() }
}

extension Message {
    /// A piece of a message.
    package enum Part: Hashable, Sendable {
        case text(String)
        case image(Media, detail: String? = nil)
        case audio(Media)
        /// Any other document.
        case file(Media)
        /// What a model thought before it answered.
        case reasoning(Reasoning)
        /// Why a model would not answer.
        case refusal(String)
        /// A model's wish to have a tool called.
        case toolCall(ToolCall)
        /// What a tool answered.
        case toolResult(ToolResult)
        /// Up to here a provider may keep what it read for the requests that begin alike.
        case cachePoint(CachePoint)
        /// Something that has no word here.
        case native(NativeBlock)

        /// The text of a ``text(_:)`` part.
        package var text: String? { if case .text(let text) = self { text } else { nil } }

        /// The call of a ``toolCall(_:)`` part.
        package var toolCall: ToolCall? { if case .toolCall(let call) = self { call } else { nil } }
    }

    /// Something that is not text.
    package struct Media: Hashable, Sendable {
        /// Where its bytes are.
        package enum Content: Hashable, Sendable {
            /// In the request itself, in base64 without line ends.
            case base64(String)
            /// Behind an address, which the provider fetches and the gateway does not.
            case url(String)
            /// With the provider, under a name that it gave.
            case providerFile(String)
            /// A text as it stands.
            case text(String)
        }

        package var content: Content
        /// `image/png`; `nil` when the caller did not say.
        package var mediaType: String?
        package var name: String?

        package init(_ content: Content, mediaType: String? = nil, name: String? = nil) {
            self.content = content
            self.mediaType = mediaType
            self.name = name
        }
    }

    /// A place in a conversation that is the same in the requests to come. It changes what an answer costs, and nothing in it.
    package struct CachePoint: Hashable, Sendable {
        /// How long it is kept, in the caller's word (`5m`, `1h`); `nil` leaves it to the provider.
        package var lifetime: String?

        package init(lifetime: String? = nil) { self.lifetime = lifetime }
    }

    /// A part that only providers of the caller's dialect understand, as the caller wrote it.
    package struct NativeBlock: Hashable, Sendable {
        package var dialect: Dialect
        package var value: JSONValue
        /// Where it stands in the caller's request: `messages[2].content[0]`.
        package var place: String

        package init(_ value: JSONValue, of dialect: Dialect, at place: String) {
            self.value = value
            self.dialect = dialect
            self.place = place
        }
    }

    /// A model's thoughts, with what its provider needs to take them back in a later turn.
    package struct Reasoning: Hashable, Sendable {
        package var text: String
        /// The provider's proof that the text is its own.
        package var signature: String?
        /// Thoughts that only their provider can read.
        package var encrypted: String?
        /// The provider's name for them.
        package var id: String?

        package init(text: String = "", signature: String? = nil, encrypted: String? = nil, id: String? = nil) {
            self.text = text
            self.signature = signature
            self.encrypted = encrypted
            self.id = id
        }
    }

    /// A model's wish to have a tool called.
    package struct ToolCall: Hashable, Sendable {
        /// What the result refers to.
        package var id: String
        package var name: String
        /// A JSON object as the model wrote it, byte by byte; a model may get it wrong.
        package var arguments: String

        package init(id: String, name: String, arguments: String) {
            self.id = id
            self.name = name
            self.arguments = arguments
        }
    }

    /// What a tool answered.
    package struct ToolResult: Hashable, Sendable {
        /// ``ToolCall/id`` of the call.
        package var callID: String
        /// The tool's name, where the caller says it.
        package var name: String?
        /// ``Part/text(_:)``, ``Part/image(_:detail:)``, ``Part/file(_:)``, and what stands between them.
        package var parts: [Part]
        package var isFailure: Bool

        package init(callID: String, name: String? = nil, parts: [Part], isFailure: Bool = false) {
            self.callID = callID
            self.name = name
            self.parts = parts
            self.isFailure = isFailure
        }

        /// The text parts in one.
        package var text: String { parts.compactMap(\.text).joined() }
    }
}
