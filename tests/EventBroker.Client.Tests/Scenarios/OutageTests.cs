using System.Diagnostics;
using System.Globalization;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;

namespace EventBroker.Client.Tests.Scenarios;

// A broker that is started anew, frozen, or exchanged behind a balancer, and everything is alive afterwards: nothing is lost of what a transport
// keeps, and no message is handled twice at once while its lease holds. With default options.
public sealed class OutageTests
{
    private const int Messages = 300;

    [Fact]
    public async Task Everything_goes_on_after_a_restart()
    {
        await using var broker = new BrokerProcess();
        await broker.StartAsync();
        using var log = new LogCollector();
        await using var workers = await Workers.StartAsync(broker.Address, log);
        await workers.WorkAsync(Messages);

        foreach (var seconds in Outages.Restarts)
        {
            var meanwhile = workers.WorkAsync(Messages);
            await broker.StopAsync();
            await Outages.LastAsync(seconds);
            await broker.StartAsync();
            await meanwhile;
            await workers.WorkAsync(Messages);
        }

        workers.Check();
        Assert.Empty(log.Errors);
    }

    [Fact]
    public async Task Everything_goes_on_after_the_broker_was_frozen()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var broker = new BrokerProcess();
        await broker.StartAsync();
        using var log = new LogCollector();
        await using var workers = await Workers.StartAsync(broker.Address, log);
        await workers.WorkAsync(Messages);

        await SignalAsync("STOP", broker.ProcessId);
        var meanwhile = workers.WorkAsync(Messages);
        await Outages.LastAsync(Outages.Freeze);
        await SignalAsync("CONT", broker.ProcessId);
        await meanwhile;
        await workers.WorkAsync(Messages);

        workers.Check();
        Assert.Empty(log.Errors);
    }

    [Fact]
    public async Task Everything_goes_on_while_two_brokers_behind_a_balancer_are_exchanged_one_after_the_other()
    {
        await using var first = await EmbeddedBroker.CreateAsync();
        await using var second = await EmbeddedBroker.CreateAsync(new EmbeddedBrokerSettings { Transport = first.Transport });
        await using var balancer = new FaultProxy(first.Address, second.Address);
        using var log = new LogCollector();
        await using var workers = await Workers.StartAsync(balancer.Address, log);
        await workers.WorkAsync(Messages);

        foreach (var seconds in Outages.Restarts.Take(3))
        {
            foreach (var broker in new[] { first, second })
            {
                var meanwhile = workers.WorkAsync(Messages);
                await broker.StopAsync();
                await Outages.LastAsync(seconds);
                await broker.StartAsync();
                await meanwhile;
            }
        }

        await workers.WorkAsync(Messages);
        workers.Check();
        Assert.Empty(log.Errors);
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
