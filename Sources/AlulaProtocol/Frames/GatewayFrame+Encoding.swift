package import AlulaJSON

extension GatewayFrame {
    /// The frame as compact JSON in UTF-8.
    package var encoded: [UInt8] { json.serialized(.compact) }

    private var json: JSONValue {
        var object = JSONObject()
        switch self {
        case .request(let request):
            object["type"] = "req"
            object["id"] = .string(request.id)
            object["method"] = .string(request.method)
            object["params"] = request.parameters
        case .response(let response):
            object["type"] = "res"
            object["id"] = .string(response.id)
            switch response.outcome {
            case .success(let payload):
                object["ok"] = true
                object["payload"] = payload
            case .failure(let error, let payload):
                object["ok"] = false
                object["payload"] = payload
                object["error"] = error.payload
            }
        case .event(let event):
            object["type"] = "event"
            object["event"] = .string(event.name)
            object["payload"] = event.payload
            object["seq"] = event.sequence.map { .number($0) }
            object["stateVersion"] = event.stateVersion?.payload
        }
        return .object(object)
    }
}

/// An event whose payload is encoded once for all its receivers; only the number differs between them.
package struct EncodedEvent: Sendable {
    package let name: String
    private let head: [UInt8]
    private let tail: [UInt8]

    package init(_ name: String, payload: JSONValue, stateVersion: StateVersion? = nil) {
        self.init(name, encodedPayload: payload.serialized(.compact), stateVersion: stateVersion)
    }

    /// - Parameter encodedPayload: The payload as compact JSON.
    package init(_ name: String, encodedPayload: [UInt8], stateVersion: StateVersion? = nil) {
        self.name = name
        var head = Array(#"{"type":"event","event":"#.utf8)
        head += JSONValue.string(name).serialized(.compact)
        head += Array(#","payload":"#.utf8)
        head += encodedPayload
        self.head = head
        var tail: [UInt8] = []
        if let stateVersion {
            tail += Array(#","stateVersion":"#.utf8)
            tail += stateVersion.payload.serialized(.compact)
        }
        tail.append(UInt8(ascii: "}"))
        self.tail = tail
    }

    /// Size of the frame, without the number.
    package var byteCount: Int { head.count + tail.count }

    /// The frame in pieces, to be written one after another: the long one is shared by all receivers.
    package func pieces(sequence: Int64?) -> (head: [UInt8], number: String, tail: [UInt8]) {
        (head, sequence.map { #","seq":\#($0)"# } ?? "", tail)
    }

    /// The whole frame.
    package func encoded(sequence: Int64?) -> [UInt8] {
        let (head, number, tail) = pieces(sequence: sequence)
        return head + Array(number.utf8) + tail
    }
}
