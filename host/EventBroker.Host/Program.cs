using EventBroker.Host.Startup;

try
{
    await BrokerApplication.RunAsync(args);
    return 0;
}
catch (StartFault fault)
{
    // Expected: one message says what to do, a stack trace would only hide it.
    await Console.Error.WriteLineAsync($"EventBroker can't start. {fault.Message}");
    return 1;
}
catch (Exception exception)
{
    await Console.Error.WriteLineAsync($"EventBroker ended unexpectedly. {exception}");
    return 1;
}
