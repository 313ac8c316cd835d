/// The operations behind `device.*`.
package protocol DeviceOperations: Sendable {}
