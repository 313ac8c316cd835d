import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaState
import AlulaSystem
import Logging

extension DeviceDesk {
    /// Answers `device.*` without a gateway, for the person whose files these are.
    static func answer(
        _ method: String, _ parameters: JSONValue, layout: StateLayout, pool: BlockingPool,
        now: @escaping @Sendable () -> Timestamp
    ) async throws(GatewayError) -> JSONValue {
        // What goes wrong is told to whoever asked, not to a log.
        let logger = Logger(label: "alula") { _ in SwiftLogNoOpLogHandler() }
        let desk = DeviceDesk(files: DeviceFiles(layout), pool: pool, logger: logger, now: now)
        func text(_ key: String) throws(GatewayError) -> String {
            guard let text = parameters[key]?.string, !text.isEmpty else { throw .invalidRequest("\(key) is required") }
            return text
        }
        switch method {
        case "device.pair.list":
            return try await desk.list()
        case "device.pair.approve":
            return try await desk.approve(try text("requestId"), by: .owner)
        case "device.pair.reject":
            return try await desk.reject(try text("requestId"))
        case "device.pair.remove":
            return try await desk.remove(DeviceID(try text("deviceId")), by: .owner)
        case "device.pair.rename":
            let label = parameters["label"]?.string ?? ""
            return try await desk.rename(DeviceID(try text("deviceId")), to: label, by: .owner)
        case "device.token.rotate":
            let scopes = parameters["scopes"]?.array?.compactMap(\.string).map { Scope(rawValue: $0) }
            return try await desk.rotate(
                DeviceID(try text("deviceId")), role: try text("role"), scopes: scopes.map { Set($0) }, by: .owner)
        case "device.token.revoke":
            return try await desk.revoke(DeviceID(try text("deviceId")), role: try text("role"), by: .owner)
        default:
            throw .invalidRequest("unknown method: \(method)")
        }
    }
}
