package import AlulaProtocol

/// A server that nobody gave a place for devices.
package struct NoDevices: DeviceAdmitting {
    package init() {}

    package func judge(_ arrival: DeviceArrival) async -> DeviceOutcome { .unavailable }
    package func revision(of device: DeviceID) -> UInt64 { 0 }
}
