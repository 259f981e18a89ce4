<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use Revurb\Tests\Support\RealAppTestCase;

/**
 * Which limits reverb:start and reverb:doctor name, for the files and lines that applications have.
 */
final class LimitsTest extends RealAppTestCase
{
    /** The config/reverb.php of Laravel Reverb. */
    private const REVERBS = __DIR__.'/../StandIns/reverb.php';

    /** The key that the line of limits names which Reverb does not have. */
    private const BEYOND = 'apps.apps.*.limits';

    /** The last line is awaited: after it there are no others. */
    private function startedWith(string $last): string
    {
        return $this->app->waitFor($this->app->artisan('reverb:start'), $last);
    }

    /** @return array{name: string, status: string, detail: string, fix: string|null} */
    private function diagnosed(): array
    {
        $doctor = $this->app->artisan('reverb:doctor', '--json');
        $doctor->wait();
        $checks = json_decode($doctor->getOutput(), true)['checks'];

        return $checks[array_search('limits', array_column($checks, 'name'), true)];
    }

    public function test_with_reverbs_config_file_the_limits_are_those_of_reverb(): void
    {
        copy(self::REVERBS, "{$this->app->base}/config/reverb.php");

        $output = $this->startedWith('max_message_size 10000, watchlist_users 100');

        $this->assertStringContainsString('max_request_size 10000, max_queued_bytes 1048576, max_total_queued_bytes 67108864, max_messages_per_second 2000, max_bytes_per_second 2000000', $output);
        $this->assertStringNotContainsString(self::BEYOND, $output);
        $this->assertSame('none that Reverb does not have', $this->diagnosed()['detail']);
    }

    public function test_one_line_of_env_turns_the_limits_of_pusher_on(): void
    {
        copy(self::REVERBS, "{$this->app->base}/config/reverb.php");
        $this->app->environment('REVURB_LIMITS=pusher', 'REVURB_PRESENCE_MEMBERS=500', 'REVURB_CLIENT_EVENTS_PER_SECOND=0');

        $output = $this->startedWith('channel_name_charset pusher');

        $this->assertMatchesRegularExpression('/'.preg_quote(self::BEYOND).' .*: channels_per_event 100, .* presence_members 500, presence_user_info_bytes 1024, channel_name_charset pusher/', $output);
        $this->assertStringNotContainsString('client_events_per_second', $output);
        $this->assertSame('ok', $this->diagnosed()['status']);
        $this->assertStringStartsWith('app 123456: those of Pusher, presence_members 500', $this->diagnosed()['detail']);
    }

    public function test_an_earlier_config_file_keeps_its_limits_and_start_and_doctor_name_them(): void
    {
        $earlier = [
            'channels_per_event' => 100, 'events_per_batch' => 10, 'event_name_length' => 200, 'event_data_bytes' => 0, 'channel_name_length' => 200,
            'channels_per_socket' => 0, 'presence_members' => 100, 'presence_user_info_bytes' => 1_024, 'client_events_per_second' => 10, 'watchlist_users' => 100,
        ];
        $this->app->write('config/reverb.php', '<?php $config = require '.var_export(self::REVERBS, true).'; $config["apps"]["apps"][0]["limits"] = '.var_export($earlier, true).'; return $config;');

        $output = $this->startedWith('client_events_per_second 10');

        $this->assertMatchesRegularExpression('/ 123456 .*'.preg_quote(self::BEYOND).' .*: channels_per_event 100/', $output);
        ['status' => $status, 'detail' => $detail, 'fix' => $fix] = $this->diagnosed();
        $this->assertSame('warning', $status);
        $this->assertStringContainsString('presence_members 100', $detail);
        $this->assertStringContainsString('earlier version', $detail);
        $this->assertStringContainsString('apps.apps.*.limits', (string) $fix);
    }
}
