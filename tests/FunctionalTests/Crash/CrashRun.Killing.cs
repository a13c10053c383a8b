namespace EventBroker.FunctionalTests.Crash;

// Who is killed when.
internal sealed partial class CrashRun
{
    // Each so many kills one hits the broker while it reads what the life before has left.
    private const int LoadingEvery = 5;

    private static readonly KillPoint[] Points = Enum.GetValues<KillPoint>();

    private async Task KillAsync()
    {
        // Hosts and their backend in any order.
        var victims = Enumerable.Repeat(false, _kills).Concat(Enumerable.Repeat(true, _backend?.Kills ?? 0)).ToArray();
        _random.Shuffle(victims);
        CrashHost? fresh = null;
        for (var killed = 0; killed < victims.Length; killed++)
        {
            if (victims[killed])
            {
                await KillBackendAsync();
                continue;
            }

            var host = _hosts[_random.Next(_hosts.Length)];

            // Nobody opens anything at a host that was not killed before.
            var points = host == fresh || _hosts.Length == 1 ? Points : [.. Points.Where(static p => p != KillPoint.StreamOpened)];
            var point = points[_random.Next(points.Length)];
            await host.Lives.KillAtAsync(point, ChooseCount(point)).WaitAsync(Patience, TimeProvider.System);
            await host.Broker.EndedAsync();
            Count(point.ToString());
            if (_backend is null && killed % LoadingEvery == LoadingEvery - 2 && killed + 1 < victims.Length)
            {
                await host.Broker.StartAndKillWhileLoadingAsync();
                Count("loading");
                killed++;
            }

            if (killed + 1 < victims.Length)
            {
                await host.Broker.StartAsync();
                host.Lives.Begin();
                fresh = host;
            }
        }

        await BeginLastLivesAsync();
    }

    private int ChooseCount(KillPoint point) => point != KillPoint.StreamOpened ? _random.Next(1, 200) : _hosts.Length == 1 ? _random.Next(1, 6) : 1;

    private async Task KillBackendAsync()
    {
        var points = Points.Where(static p => p != KillPoint.StreamOpened).ToArray();
        var point = points[_random.Next(points.Length)];
        await _backendLives!.KillAtAsync(point, _random.Next(1, 200)).WaitAsync(Patience, TimeProvider.System);
        await _backend!.EndedAsync();
        Count("backend " + point);
        await _backend.StartAgainAsync();
        _backendLives.Begin();
    }

    // Publishers end before anybody is back, so that in the last lives nothing is held.
    private async Task BeginLastLivesAsync()
    {
        Array.ForEach(_hosts, static h => h.Lives.Kill());
        await Task.WhenAll(_hosts.Select(static h => h.Broker.EndedAsync()));
        Ledger.Close();
        await Task.WhenAll(_hosts.Select(static h => h.Broker.StartAsync()));
        Array.ForEach(_hosts, static h => h.Lives.Begin());
    }

    private void Count(string point) => _killsByPoint[point] = _killsByPoint.GetValueOrDefault(point) + 1;
}
