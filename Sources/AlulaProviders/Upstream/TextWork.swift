import AlulaAuth
import AlulaInference
import AlulaPrimitives

/// Where texts of a call are written and read: short ones where the call runs, long ones elsewhere, since a megabyte of
/// JSON holds a thread of the cooperative pool for tens of milliseconds.
struct TextWork: Sendable {
    let offloading: any ComputeOffloading

    /// Whether so many bytes are read or written where the call runs.
    func isShort(_ bytes: Int) -> Bool { bytes <= MessageSize.maximumInline.bytes }

    /// Runs `body`, which writes or reads roughly `bytes` bytes.
    ///
    /// - Throws: ``AttemptFailure``, also when there is no place for long texts now; `CancellationError`.
    func work<Value: Sendable>(
        on bytes: Int, _ body: @escaping @Sendable () throws(AttemptFailure) -> Value
    ) async throws -> Value {
        if isShort(bytes) { return try body() }
        let result: Result<Value, AttemptFailure>
        do {
            result = try await offloading.compute { Result(catching: body) }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Self.busy
        }
        return try result.get()
    }

    /// Says nothing about the provider.
    private static let busy = AttemptFailure(
        judgement: .failure(.unclassified), message: "This gateway has too much to do; try again soon.")
}
