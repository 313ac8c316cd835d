/// Metadata keys of log lines, declared once.
package enum LogKey {
    package static let agent = "agent.id"
    package static let connection = "connection.id"
    package static let errorCause = "error.cause"
    package static let errorCode = "error.code"
    package static let file = "file.path"
    package static let generation = "warm.generation"
    package static let method = "rpc.method"
    package static let model = "model.id"
    package static let part = "part"
    package static let phase = "connection.phase"
    package static let profile = "profile.id"
    package static let provider = "provider.id"
    package static let reason = "reason"
    package static let request = "request.id"
}
