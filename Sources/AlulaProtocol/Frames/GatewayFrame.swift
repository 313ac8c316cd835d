package import AlulaJSON

/// One message of the gateway's WebSocket protocol: a JSON object with a `type`.
package enum GatewayFrame: Hashable, Sendable {
    /// A client asks.
    case request(Request)
    /// The gateway answers; answers may come in another order than their requests.
    case response(Response)
    /// The gateway tells.
    case event(Event)

    /// Nesting of arrays and objects that a frame may have.
    package static let maximumDepth = 128

    /// A call of a method.
    package struct Request: Hashable, Sendable {
        /// Chosen by the client, echoed by the gateway, not checked for uniqueness.
        package let id: String
        package let method: String
        /// An empty object when the client sent none.
        package let parameters: JSONValue

        package init(id: String, method: String, parameters: JSONValue = [:]) {
            self.id = id
            self.method = method
            self.parameters = parameters
        }
    }

    /// The answer to one request.
    package struct Response: Hashable, Sendable {
        package let id: String
        package let outcome: Outcome

        package init(id: String, _ outcome: Outcome) {
            self.id = id
            self.outcome = outcome
        }
    }

    /// How a request ended.
    package enum Outcome: Hashable, Sendable {
        case success(JSONValue)
        /// An error may carry the payload of a failing final answer.
        case failure(GatewayError, payload: JSONValue? = nil)
    }

    /// Something happened.
    package struct Event: Hashable, Sendable {
        package let name: String
        package let payload: JSONValue?
        /// Counts from 1 per connection (version 4) or over all connections (version 3); gaps mean losses.
        package let sequence: Int64?
        package let stateVersion: StateVersion?

        package init(
            _ name: String, payload: JSONValue? = nil, sequence: Int64? = nil, stateVersion: StateVersion? = nil
        ) {
            self.name = name
            self.payload = payload
            self.sequence = sequence
            self.stateVersion = stateVersion
        }
    }
}
