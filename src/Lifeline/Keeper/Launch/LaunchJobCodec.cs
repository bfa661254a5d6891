using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// A launch on the wire. Its first part (slot, generation, descriptors) is the keeper's; the keeper hands the whole
/// message on to a launcher with the descriptors attached in their order, and the launcher reads the rest.
/// </summary>
internal static class LaunchJobCodec
{
    private const int MaxStrings = 16_384;
    private const int Absent = int.MinValue;

    /// <exception cref="ArgumentException">A text holds a zero byte, a list is too long, or there is no program.</exception>
    /// <exception cref="KeeperProtocolException">The whole is larger than the buffer.</exception>
    public static int Encode(LaunchJob job, long requestId, Span<byte> buffer)
    {
        Check(job);
        FrameFlags flags = FrameFlags.AnswerIfUnknown | (job.OwnGroup ? FrameFlags.OwnGroup : FrameFlags.None);
        FrameWriter writer = new(buffer, KeeperMessageKind.Launch, requestId, flags);
        writer.Name(job.Slot);
        writer.Int32(job.Generation);
        WriteDescriptors(ref writer, job);
        WriteStrings(ref writer, job.Arguments);
        writer.Int32(job.Environment.Count);
        foreach ((string name, string value) in job.Environment) writer.Text($"{name}={value}");
        WriteStrings(ref writer, job.PidVariables);
        writer.Text(job.WorkingDirectory);
        WriteStrings(ref writer, job.ControlGroupJoinFiles);
        writer.Int32(job.Umask ?? Absent);
        writer.Int32(job.Nice ?? Absent);
        writer.Int32(job.Limits.Count);
        foreach (LaunchLimit limit in job.Limits)
        {
            writer.Int32((int)limit.Resource);
            writer.Int64((long)limit.Soft);
            writer.Int64((long)limit.Hard);
        }

        WriteIdentity(ref writer, job.Identity);
        writer.Int32(job.GroupValues.Count);
        foreach (LaunchGroupValue value in job.GroupValues)
        {
            writer.Int32(value.Hierarchy);
            writer.Text(value.File);
            writer.Text(value.Value);
            writer.Byte(value.IsOptional ? (byte)1 : (byte)0);
        }

        WriteStrings(ref writer, job.BeforeStart);
        writer.Int64((long)job.BeforeStartTimeout.TotalMilliseconds);
        return writer.Written.Length;
    }

    /// <summary>What a launcher does with the message; the reader stands behind slot and generation.</summary>
    public static LauncherOrder DecodeOrder(ref FrameReader reader)
    {
        int[] targets = new int[reader.Count(KeeperProtocol.MaxLaunchDescriptors)];
        for (int i = 0; i < targets.Length; i++)
        {
            reader.Utf8();
            targets[i] = reader.Int32();
        }

        return new LauncherOrder
        {
            Targets = targets,
            Arguments = ReadStrings(ref reader),
            Environment = ReadStrings(ref reader),
            PidVariables = ReadStrings(ref reader),
            WorkingDirectory = reader.Text(),
            ControlGroupJoinFiles = ReadStrings(ref reader),
            Umask = ReadOptional(ref reader),
            Nice = ReadOptional(ref reader),
            Limits = ReadLimits(ref reader),
            Identity = ReadIdentity(ref reader),
            GroupValues = ReadGroupValues(ref reader),
            BeforeStart = reader.HasMore ? ReadStrings(ref reader) : [],
            BeforeStartTimeout = TimeSpan.FromMilliseconds(reader.HasMore ? reader.Int64() : 0),
        };
    }

    private static void Check(LaunchJob job)
    {
        if (job.Arguments.Count == 0 || job.Arguments[0].Length == 0)
            throw new ArgumentException($"the launch of {job.Slot} names no program", nameof(job));

        CheckCount(job, "arguments", job.Arguments.Count, MaxStrings);
        CheckCount(job, "environment variables", job.Environment.Count, MaxStrings);
        CheckCount(job, "descriptors", job.Descriptors.Count, KeeperProtocol.MaxLaunchDescriptors - 2);
        foreach (string argument in job.Arguments) CheckText(job, "argument", argument);
        CheckCount(job, "arguments of before_start", job.BeforeStart.Count, MaxStrings);
        foreach (string argument in job.BeforeStart) CheckText(job, "argument of before_start", argument);
        CheckText(job, "working directory", job.WorkingDirectory);
        foreach ((string name, string value) in job.Environment)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
                throw new ArgumentException($"the launch of {job.Slot} has an environment variable named '{name}'", nameof(job));

            CheckText(job, name, name);
            CheckText(job, name, value);
        }

        foreach (LaunchDescriptor descriptor in job.Descriptors)
        {
            if (descriptor.Target is < 3 or > KeeperProtocol.MaxDescriptorTarget)
            {
                throw new ArgumentException(
                    $"the launch of {job.Slot} places '{descriptor.Name}' at descriptor {descriptor.Target}: " +
                    $"3 to {KeeperProtocol.MaxDescriptorTarget} are allowed",
                    nameof(job));
            }
        }
    }

    private static void CheckCount(LaunchJob job, string what, int count, int limit)
    {
        if (count > limit)
            throw new ArgumentException($"the launch of {job.Slot} has {count} {what}; at most {limit} are allowed", nameof(job));
    }

    private static void CheckText(LaunchJob job, string what, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"the launch of {job.Slot} has a zero byte in its {what}", nameof(job));
    }

    private static void WriteDescriptors(ref FrameWriter writer, LaunchJob job)
    {
        int standard = (job.StandardOutput is null ? 0 : 1) + (job.StandardError is null ? 0 : 1);
        writer.Int32(standard + job.Descriptors.Count);
        if (job.StandardOutput is not null) WriteDescriptor(ref writer, new LaunchDescriptor(job.StandardOutput, 1));
        if (job.StandardError is not null) WriteDescriptor(ref writer, new LaunchDescriptor(job.StandardError, 2));
        foreach (LaunchDescriptor descriptor in job.Descriptors) WriteDescriptor(ref writer, descriptor);
    }

    private static void WriteDescriptor(ref FrameWriter writer, LaunchDescriptor descriptor)
    {
        writer.Name(descriptor.Name);
        writer.Int32(descriptor.Target);
    }

    private static void WriteStrings(ref FrameWriter writer, IReadOnlyList<string> strings)
    {
        writer.Int32(strings.Count);
        foreach (string text in strings) writer.Text(text);
    }

    private static void WriteIdentity(ref FrameWriter writer, LaunchIdentity? identity)
    {
        writer.Byte(identity is null ? (byte)0 : (byte)1);
        if (identity is null) return;
        writer.Int32((int)identity.Uid);
        writer.Int32((int)identity.Gid);
        writer.Int32(identity.Groups.Count);
        foreach (uint group in identity.Groups) writer.Int32((int)group);
    }

    private static string[] ReadStrings(ref FrameReader reader)
    {
        string[] strings = new string[reader.Count(MaxStrings)];
        for (int i = 0; i < strings.Length; i++) strings[i] = reader.Text();
        return strings;
    }

    private static int? ReadOptional(ref FrameReader reader) => reader.Int32() is var value && value == Absent ? null : value;

    private static LaunchLimit[] ReadLimits(ref FrameReader reader)
    {
        LaunchLimit[] limits = new LaunchLimit[reader.Count(64)];
        for (int i = 0; i < limits.Length; i++)
            limits[i] = new LaunchLimit((ResourceLimit)reader.Int32(), (ulong)reader.Int64(), (ulong)reader.Int64());

        return limits;
    }

    // A monitor before the hooks ends its order here.
    private static LaunchGroupValue[] ReadGroupValues(ref FrameReader reader)
    {
        if (!reader.HasMore) return [];
        LaunchGroupValue[] values = new LaunchGroupValue[reader.Count(64)];
        for (int i = 0; i < values.Length; i++)
            values[i] = new LaunchGroupValue(reader.Int32(), reader.Text(), reader.Text(), reader.Byte() != 0);

        return values;
    }

    private static LaunchIdentity? ReadIdentity(ref FrameReader reader)
    {
        if (reader.Byte() == 0) return null;
        uint uid = (uint)reader.Int32();
        uint gid = (uint)reader.Int32();
        uint[] groups = new uint[reader.Count(65_536)];
        for (int i = 0; i < groups.Length; i++) groups[i] = (uint)reader.Int32();
        return new LaunchIdentity(uid, gid, groups);
    }
}
