using EventBroker.Host.Startup;

// Not by returning: a plugin may have left threads behind that would keep the process.
Environment.Exit(await RunAsync(args));

static async Task<int> RunAsync(string[] args)
{
    try
    {
        return await BrokerApplication.RunAsync(args);
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
}
