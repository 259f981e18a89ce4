<x-layout :assets="['resources/css/app.css', 'resources/js/app.js']">
    <div class="chat">
        <header>
            <img src="/favicon.svg" alt="" width="32" height="32">
            <div class="title">
                <h1>{{ config('app.name') }}</h1>
                <p id="connection" class="connection" data-state="connecting" role="status">connecting</p>
            </div>
            <form class="me" method="post" action="/session">
                @csrf
                @method('delete')
                <span>{{ Auth::user()->name }}</span>
                <button class="quiet">Leave</button>
            </form>
        </header>

        <aside>
            <h2>Here now <span id="count">0</span></h2>
            <ul id="members"></ul>
            <p id="invitation" class="invitation" hidden>
                Nobody else yet. <a target="_blank">Open a tab</a> as somebody else.
            </p>
        </aside>

        <main>
            <ol id="log" role="log" aria-label="Messages" tabindex="0"></ol>
            <p id="typing" class="typing" aria-live="polite"></p>
            <form id="say" class="say">
                <input name="text" maxlength="500" placeholder="Say something" aria-label="Message" autocomplete="off" required autofocus>
                <button class="primary" aria-label="Send">
                    <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2"
                         stroke-linecap="round" stroke-linejoin="round"><path d="M12 19V5m-6 6 6-6 6 6"/></svg>
                </button>
            </form>
        </main>
    </div>

    <script id="page" type="application/json">@json($page)</script>
</x-layout>
