namespace NodeAgent.Kubelet;

/// <summary>The log format of CRI: <c>TIME stdout|stderr F|P TEXT</c> per line; P marks a line that goes on.</summary>
internal static class CriLog
{
    /// <summary>The texts alone. A first line that was cut is left out.</summary>
    public static string Text(string log)
    {
        var text = new System.Text.StringBuilder();
        foreach (var line in log.Split('\n'))
        {
            var fields = line.Split(' ', 4);
            if (fields.Length < 4 || fields[2] is not ("F" or "P")) continue;
            text.Append(fields[3]);
            if (fields[2] == "F") text.Append('\n');
        }
        return text.ToString();
    }
}
