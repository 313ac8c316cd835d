import AlulaInference
import AlulaJSON

/// A conversation as `google-generative-ai` wants it: instructions apart, then what user and model say in turns. Results of
/// tools are said by the user, and messages of one side in a row are one.
struct GoogleConversation {
    /// `nil` without instructions.
    private(set) var instructions: JSONValue?
    private(set) var contents: [JSONValue] = []

    private let wantsProof: Bool
    /// Names of tools by the calls so far, since a result refers to both.
    private var names: [String: String] = [:]

    /// - Throws: ``AttemptFailure`` for what this dialect has no word for, with its place.
    init(_ request: InferenceRequest, for model: GoogleModelName) throws(AttemptFailure) {
        wantsProof = model.wantsProof
        var system: [JSONValue] = []
        var turns: [(role: String, parts: [JSONValue])] = []
        for (index, message) in request.messages.enumerated() {
            let place = "messages[\(index)].content"
            let role: String
            let parts: [JSONValue]
            switch message.role {
            case .system, .developer:
                system += try self.parts(message.parts, at: place)
                continue
            case .user: (role, parts) = ("user", try self.parts(message.parts, at: place))
            case .tool: (role, parts) = ("user", try results(message.parts, at: place))
            case .assistant: (role, parts) = ("model", try answer(message.parts, at: place))
            }
            if parts.isEmpty { continue }
            if turns.last?.role == role {
                turns[turns.count - 1].parts += parts
            } else {
                turns.append((role, parts))
            }
        }
        if turns.isEmpty { throw .unsayable("messages") }
        contents = turns.map { ["role": .string($0.role), "parts": .array($0.parts)] }
        if !system.isEmpty { instructions = ["parts": .array(system)] }
    }

    // MARK: Turns

    private func parts(_ parts: [Message.Part], at place: String) throws(AttemptFailure) -> [JSONValue] {
        var list: [JSONValue] = []
        for part in parts {
            switch part {
            case .text(let text), .refusal(let text): if !text.isEmpty { list.append(["text": .string(text)]) }
            case .image(let media, _): list.append(try self.media(media, "image/png", at: place))
            case .audio(let media): list.append(try self.media(media, "audio/wav", at: place))
            case .file(let media): list.append(try self.media(media, "application/pdf", at: place))
            // Some callers send results among what the user says.
            case .toolResult: list += try results([part], at: place)
            case .cachePoint: break
            case .native(let block): throw .unsayable(block.place)
            case .reasoning, .toolCall: throw .unsayable(place)
            }
        }
        return list
    }

    /// What the model said. Thoughts stay behind; their proof goes with the part that they led to.
    private mutating func answer(_ parts: [Message.Part], at place: String) throws(AttemptFailure) -> [JSONValue] {
        var list: [JSONValue] = []
        var proof: String?
        var hasCalled = false
        for part in parts {
            switch part {
            case .reasoning(let reasoning):
                if let signature = reasoning.signature.flatMap(ThoughtProof.google) { proof = signature }
                continue
            case .toolCall(let call):
                names[call.id] = call.name
                if proof == nil, wantsProof, !hasCalled { proof = ThoughtProof.absent }
                hasCalled = true
                let function: JSONValue = [
                    "id": .string(call.id), "name": .string(call.name), "args": call.argumentObject,
                ]
                list.append(Self.proven(JSONObject([("functionCall", function)]), proof))
            default:
                let said = try self.parts([part], at: place)
                guard let first = said.first?.object else { continue }
                list.append(Self.proven(first, proof))
            }
            proof = nil
        }
        // What led to the end of the turn comes on a part of its own.
        if let proof { list.append(Self.proven(JSONObject([("text", "")]), proof)) }
        return list
    }

    private static func proven(_ part: JSONObject, _ proof: String?) -> JSONValue {
        var part = part
        part["thoughtSignature"] = proof.map { .string($0) }
        return .object(part)
    }

    /// A result is an object in this dialect: a text in its one member. What else a tool has returned stands right behind.
    private func results(_ parts: [Message.Part], at place: String) throws(AttemptFailure) -> [JSONValue] {
        var (results, others): ([JSONValue], [JSONValue]) = ([], [])
        for part in parts {
            guard case .toolResult(let result) = part else {
                others += try self.parts([part], at: place)
                continue
            }
            let name = names[result.callID] ?? result.name ?? result.callID
            let response = JSONObject([(result.isFailure ? "error" : "output", .string(result.text))])
            results.append([
                "functionResponse": [
                    "id": .string(result.callID), "name": .string(name), "response": .object(response),
                ]
            ])
            others += try self.parts(result.parts.filter { $0.text == nil }, at: place)
        }
        return results + others
    }

    // MARK: Media

    private func media(
        _ media: Message.Media, _ standardType: String, at place: String
    ) throws(AttemptFailure) -> JSONValue {
        switch media.content {
        case .base64(let data):
            return ["inlineData": ["mimeType": .string(media.mediaType ?? standardType), "data": .string(data)]]
        case .text(let text): return ["text": .string((media.name.map { "\($0)\n\n" } ?? "") + text)]
        case .url(let url):
            let type = media.mediaType ?? Self.type(of: url) ?? standardType
            return ["fileData": ["mimeType": .string(type), "fileUri": .string(url)]]
        // A file with a provider is with the caller's.
        case .providerFile: throw .unsayable(place)
        }
    }

    private static let types = [
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
        "heic": "image/heic", "heif": "image/heif", "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv",
        "html": "text/html", "mp3": "audio/mp3", "wav": "audio/wav", "mp4": "video/mp4",
    ]

    /// What the end of an address says about what is behind it.
    private static func type(of url: String) -> String? {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        return path.split(separator: "/").last?.split(separator: ".").last.flatMap { types[$0.lowercased()] }
    }
}
