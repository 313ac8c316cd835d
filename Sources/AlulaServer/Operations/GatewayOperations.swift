/// What the server asks the rest of the gateway, one operation for each method it serves, in a protocol for each subject.
///
/// The calls arrive on the event loop of the connection that asked. Whatever is not in memory belongs elsewhere:
/// an operation that reads a disk, takes a slow lock or computes for long moves itself to the blocking pool and is
/// awaited from there. ``StateOperations/hello(for:)`` and ``StateOperations/readiness()`` can't even wait, so that
/// connecting never does work.
///
/// Payloads are the wire's. A thrown error is answered as it stands; its message reaches the caller, so it names no
/// host, path or credential.
package protocol GatewayOperations: AgentOperations, ConfigurationOperations, DeviceOperations, InferenceOperations,
    LogOperations, ModelOperations, SecretOperations, StateOperations, UsageOperations
{}
