using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.Hosting;

// Reports every fault, not the first.
internal sealed class EventBrokerOptionsValidator : IValidateOptions<EventBrokerOptions>
{
    public ValidateOptionsResult Validate(string? name, EventBrokerOptions options)
    {
        var faults = new List<string>();
        if (options.Setup is null)
        {
            faults.Add("EventBrokerOptions.Setup is not set: AddEventBroker needs the transports, routes and authorizers");
        }

        if (options.HeartbeatInterval < TimeSpan.FromSeconds(1) || options.HeartbeatInterval > TimeSpan.FromHours(1))
        {
            faults.Add($"EventBrokerOptions.HeartbeatInterval is {options.HeartbeatInterval}, outside of 1 s to 1 h");
        }

        if (!IsTimeout(options.PongTimeout))
        {
            faults.Add($"EventBrokerOptions.PongTimeout is {options.PongTimeout}, neither 0 nor within 1 s to 1 h");
        }

        if (!IsTimeout(options.WriteTimeout))
        {
            faults.Add($"EventBrokerOptions.WriteTimeout is {options.WriteTimeout}, neither 0 nor within 1 s to 1 h");
        }

        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > TimeSpan.FromMinutes(10))
        {
            faults.Add($"EventBrokerOptions.DrainTimeout is {options.DrainTimeout}, outside of 0 to 10 min");
        }

        if (options.MinBytesPerSecond is < 0 or > 1024 * 1024 * 1024)
        {
            faults.Add($"EventBrokerOptions.MinBytesPerSecond is {options.MinBytesPerSecond}, outside of 0 to 1 GiB");
        }

        if (options.LameDuck < TimeSpan.Zero || options.LameDuck > TimeSpan.FromMinutes(10))
        {
            faults.Add($"EventBrokerOptions.LameDuck is {options.LameDuck}, outside of 0 to 10 min");
        }

        foreach (var origin in options.AllowedOrigins)
        {
            if (!EventBrokerOptions.IsOrigin(origin))
            {
                faults.Add($"EventBrokerOptions.AllowedOrigins has '{origin}', which is no origin: write it as https://app.example.com, without a path");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static bool IsTimeout(TimeSpan time) =>
        time == TimeSpan.Zero || (time >= TimeSpan.FromSeconds(1) && time <= TimeSpan.FromHours(1));
}
