using System.Globalization;
using EventBroker.Kafka.Mock;

// Kafka clusters that are told over standard input what to do: a command in a line, and a line in answer. They end with the input.
var clusters = new Dictionary<string, (nint Cluster, int Brokers)>(StringComparer.Ordinal);
var made = 0;
while (Console.ReadLine() is { } line)
{
    var words = line.Split(' ');
    Console.WriteLine(words[0] == "new" ? New(words) : Do(words));
    Console.Out.Flush();
}

string New(string[] words)
{
    var error = new byte[512];
    var configuration = MockApi.NewConfiguration();

    // The client connects to nothing and would warn of it.
    MockApi.Configure(configuration, "log_level", "2", error, (nuint)error.Length);
    var client = MockApi.NewClient(0, configuration, error, (nuint)error.Length);
    var brokers = Number(words[1]);
    var cluster = MockApi.NewCluster(client, brokers);

    // Without one no client finds out what it asks a controller for.
    MockApi.SetController(cluster, 1);
    MockApi.SetRebalanceDelay(cluster, Number(words[2]));
    var name = (++made).ToString(CultureInfo.InvariantCulture);
    clusters[name] = (cluster, brokers);
    return $"{name} {MockApi.Bootstraps(cluster)}";
}

string Do(string[] words)
{
    if (!clusters.TryGetValue(words[1], out var found))
    {
        return "no such cluster";
    }

    var (cluster, brokers) = found;
    switch (words[0])
    {
        case "create":
            return Answer(MockApi.CreateTopic(cluster, words[2], Number(words[3]), Number(words[4])));
        case "delete":
            return Answer(MockApi.DeleteTopic(cluster, words[2]));
        case "trim":
            return Answer(MockApi.DeleteRecords(cluster, words[2], Number(words[3]), long.Parse(words[4], CultureInfo.InvariantCulture)));
        case "leader":
            return Answer(MockApi.SetLeader(cluster, words[2], Number(words[3]), Number(words[4])));
        case "coordinator":
            return Answer(MockApi.SetCoordinator(cluster, "group", words[2], Number(words[3])));
        case "down":
            return ForEach(words, brokers, b => MockApi.SetDown(cluster, b));
        case "up":
            return ForEach(words, brokers, b => MockApi.SetUp(cluster, b));
        case "delay":
            return Answer(MockApi.SetRoundTrip(cluster, Number(words[2]), Number(words[3])));
        case "errors":
            var errors = words[3..].Select(Number).ToArray();
            MockApi.PushErrors(cluster, (short)Number(words[2]), (nuint)errors.Length, errors);
            return "0";
        case "clear":
            MockApi.ClearErrors(cluster, (short)Number(words[2]));
            return "0";
        case "end":
            clusters.Remove(words[1]);
            MockApi.DestroyCluster(cluster);
            return "0";
        default:
            return "no such command";
    }
}

static string ForEach(string[] words, int brokers, Func<int, int> act)
{
    var result = 0;
    foreach (var broker in words.Length > 2 ? [Number(words[2])] : Enumerable.Range(1, brokers))
    {
        result = act(broker) is not 0 and var error ? error : result;
    }

    return Answer(result);
}

static string Answer(int error) => error.ToString(CultureInfo.InvariantCulture);

static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
