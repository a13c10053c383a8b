using System.Globalization;

namespace HostileClient.Measuring;

/// <summary>How long the threads of a process were ready to run and got no core: what a loaded machine adds to every latency.</summary>
internal static class CoreWaits
{
    /// <summary>Reads the sum over the threads that are alive, as the scheduler counts it; zero where it does not.</summary>
    public static TimeSpan Read(int processId)
    {
        var folder = $"/proc/{processId}/task";
        if (!Directory.Exists(folder))
            return TimeSpan.Zero;

        long waited = 0;
        foreach (var task in Directory.EnumerateDirectories(folder))
        {
            try
            {
                var figures = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ');
                waited += long.Parse(figures[1], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        }

        return TimeSpan.FromMicroseconds(waited / 1000.0);
    }
}
