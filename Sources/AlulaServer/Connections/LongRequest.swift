import AlulaProtocol

/// A request whose text is too long to be decoded, and its parameters too many to be checked, on an event loop.
struct LongRequest: Sendable {
    /// Longer messages are decoded elsewhere: about one millisecond's worth.
    static let thresholdBytes = 128 << 10

    let request: GatewayFrame.Request
    /// How the parameters break their schema; `nil` for a method that nobody knows.
    let violations: [SchemaViolation]?

    /// Decodes and checks a message. Takes milliseconds for each megabyte.
    ///
    /// - Returns: `nil` when `bytes` are no UTF-8.
    static func decode(_ bytes: [UInt8]) -> Result<LongRequest, FrameError>? {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        do throws(FrameError) {
            let request = try GatewayFrame.decodeRequest(bytes)
            let schema = MethodTable.schema(of: request.method)
            return .success(
                LongRequest(request: request, violations: schema?.violations(in: request.parameters)))
        } catch { return .failure(error) }
    }
}
