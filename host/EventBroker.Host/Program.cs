using System.Globalization;
using EventBroker.Host.Startup;

// The broker writes the same whatever the environment's language is. Not by InvariantGlobalization, which takes all cultures from the whole
// process: a plugin, or the driver that it brings, may need them.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;

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
