using System.CommandLine;

namespace NodeAgent.Images;

/// <summary>How the agent deals with images; names and defaults are the kubelet's, but for the number of pulls.</summary>
internal sealed record ImageOptions
{
    /// <summary>How many images are pulled at a time; 1 is what the kubelet calls serialized pulls.</summary>
    public int ParallelPulls { get; init; } = 5;

    /// <summary>Used share of the store's file system, in per cent: above the high one images are removed down to the low one. 100: never.</summary>
    public int GcHighThreshold { get; init; } = 85;

    public int GcLowThreshold { get; init; } = 80;

    /// <summary>An image that was asked for within this time is not removed.</summary>
    public TimeSpan GcMinimumAge { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>The same as flags of <c>nodeagent run</c>.</summary>
internal sealed class ImageFlags
{
    private static readonly ImageOptions Defaults = new();

    private readonly Option<int> parallel = Number("--max-parallel-image-pulls", "How many images are pulled at a time", Defaults.ParallelPulls, 1, 1000);
    private readonly Option<int> high = Number("--image-gc-high-threshold", "Use of the image file system above which unused images are removed; 100: never", Defaults.GcHighThreshold, 0, 100);
    private readonly Option<int> low = Number("--image-gc-low-threshold", "Use of the image file system down to which they are removed", Defaults.GcLowThreshold, 0, 100);
    private readonly Option<int> age = Number("--minimum-image-ttl-seconds", "Age below which an unused image is kept", (int)Defaults.GcMinimumAge.TotalSeconds, 0, int.MaxValue);

    public void AddTo(Command command)
    {
        foreach (var option in new[] { parallel, high, low, age }) command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.Errors.Any() || Given(result, low, Defaults.GcLowThreshold) <= Given(result, high, Defaults.GcHighThreshold)) return;
            result.AddError("--image-gc-low-threshold must not be above --image-gc-high-threshold");
        });
    }

    public ImageOptions Read(ParseResult parsed) => new()
    {
        ParallelPulls = parsed.GetValue(parallel), GcHighThreshold = parsed.GetValue(high), GcLowThreshold = parsed.GetValue(low),
        GcMinimumAge = TimeSpan.FromSeconds(parsed.GetValue(age)),
    };

    /// <summary>Validators run before options that were not given have their defaults.</summary>
    private static int Given(System.CommandLine.Parsing.CommandResult result, Option<int> option, int otherwise) =>
        result.GetResult(option) is { Implicit: false } ? result.GetValue(option) : otherwise;

    private static Option<int> Number(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && (number < least || number > most))
                result.AddError($"{name}: {number} is not between {least} and {most}");
        });
        return option;
    }
}
