namespace EventBroker.Client.Tests.Faults;

internal enum GateMode
{
    Pass,

    // Bytes wait until the gate lets them pass.
    Hold,

    // Bytes are read and forgotten.
    Swallow,
}
